"""Services that run each on its own: what each offers, and what happens when it is asked for another's."""

import grpc
import pytest

from support.servers import SERVICES


@pytest.mark.apart
class TestAlone:
    def test_each_server_lists_its_own_services(self, fresh):
        servers = fresh.caller.servers
        for name in SERVICES:
            listed = {service.split(".")[1] for service in servers.services(at=name) if service.startswith("zhijian.")}
            # Operations are common to the services that start them.
            assert listed - {"common"} == {name}

    def test_another_services_rpc_is_unimplemented(self, fresh):
        with grpc.insecure_channel(fresh.addresses["identity"]) as channel:
            call = channel.unary_unary("/zhijian.submission.v1.CycleService/ListCycles")
            with pytest.raises(grpc.RpcError) as refusal:
                call(b"", timeout=10)
        assert refusal.value.code() == grpc.StatusCode.UNIMPLEMENTED
