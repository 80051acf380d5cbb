"""A gRPC client that knows no contract beforehand: it asks the servers by reflection and speaks in dictionaries."""

import uuid
from contextlib import contextmanager

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

DEADLINE_SECONDS = 60
CHANNEL_OPTIONS = [("grpc.max_receive_message_length", 64 * 1024 * 1024)]


class _ReflectionV1:
    """A channel on which grpcio's reflection client, written for v1alpha, speaks v1: the messages are the same."""

    def __init__(self, channel):
        self._channel = channel

    def stream_stream(self, method, *arguments, **options):
        return self._channel.stream_stream(method.replace(".v1alpha.", ".v1."), *arguments, **options)


class Refused(Exception):
    """An RPC that answered with an error, and the rich details that came with it."""

    def __init__(self, method, error):
        self.code = error.code().name
        self.message = error.details()
        self.reason = ""
        self.metadata = {}
        self.fields = {}
        self.preconditions = []
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                self._read(status_pb2.Status.FromString(value))
        super().__init__(f"{method}: {self.code} {self.reason}: {self.message} {self.fields or ''}")

    def _read(self, status):
        for detail in status.details:
            for kind in (
                error_details_pb2.ErrorInfo,
                error_details_pb2.BadRequest,
                error_details_pb2.PreconditionFailure,
            ):
                if not detail.Is(kind.DESCRIPTOR):
                    continue
                message = kind()
                detail.Unpack(message)
                if kind is error_details_pb2.ErrorInfo:
                    self.reason, self.metadata = message.reason, dict(message.metadata)
                elif kind is error_details_pb2.BadRequest:
                    self.fields = {each.field: each.description for each in message.field_violations}
                else:
                    self.preconditions = [each.type for each in message.violations]


class Servers:
    """The services behind one or several addresses, described by reflection."""

    def __init__(self, addresses):
        """`addresses` maps a name ("identity") to "host:port"; several names may share an address."""
        self._channels = {}
        self._pools = {}
        self._listed = {}
        self._addresses = dict(addresses)
        for address in dict.fromkeys(addresses.values()):
            channel = grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
            database = ProtoReflectionDescriptorDatabase(_ReflectionV1(channel))
            self._channels[address] = channel
            self._pools[address] = descriptor_pool.DescriptorPool(database)
            for service in database.get_services():
                self._listed.setdefault(service, []).append(address)

    def services(self, at=None):
        """The full names of the services that reflection lists, on all servers or on one."""
        if at:
            return sorted(name for name, addresses in self._listed.items() if self._addresses[at] in addresses)
        return sorted(self._listed)

    def method(self, name, at=None):
        """The channel and the descriptor of "zhijian.identity.v1.Service/Method".

        A package's services are on the server of its name; `at` names the server of what several serve.
        """
        service_name, method_name = name.split("/")
        address = self._addresses[at or service_name.split(".")[1]]
        service = self._pools[address].FindServiceByName(service_name)
        return self._channels[address], service.methods_by_name[method_name]

    def close(self):
        for channel in self._channels.values():
            channel.close()


class Caller:
    """Somebody who calls RPCs: nobody in particular, or an account with a token."""

    def __init__(self, servers, token=None, language=None):
        self.servers = servers
        self._metadata = []
        if token:
            self._metadata.append(("authorization", f"Bearer {token}"))
        if language:
            self._metadata.append(("accept-language", language))

    def sign_in(self, name, password):
        """The same servers as seen by that account."""
        answer = self("identity.v1.SessionService/SignIn", sign_in_name=name, password=password)
        caller = Caller(self.servers, answer["token"])
        caller.account_id = answer["account"]["account_id"]
        return caller

    def in_language(self, language):
        """The same caller, asking for messages in that language."""
        caller = Caller(self.servers)
        caller._metadata = [*self._metadata, ("accept-language", language)]
        return caller

    def __call__(self, method, /, at=None, **fields):
        """Calls a unary RPC of package `zhijian.…`; a request_id is made up where the request has one and none is given."""
        (answer,) = self._send(method, at, fields)
        return answer

    def stream(self, method, /, at=None, **fields):
        """Yields the answers of a server-streaming RPC."""
        yield from self._send(method, at, fields)

    def list(self, method, field, /, **fields):
        """Every item of a List RPC, page after page."""
        items, token = [], ""
        while True:
            answer = self(method, page_token=token, **fields)
            items += answer[field]
            token = answer["next_page_token"]
            if not token:
                return items

    def _send(self, method, at, fields):
        full_name = method if method.startswith("grpc.") else f"zhijian.{method}"
        channel, descriptor = self.servers.method(full_name, at)
        request_class = message_factory.GetMessageClass(descriptor.input_type)
        answer_class = message_factory.GetMessageClass(descriptor.output_type)
        if "request_id" in descriptor.input_type.fields_by_name:
            fields = {"request_id": str(uuid.uuid4()), **fields}
        request = json_format.ParseDict(fields, request_class())
        path = f"/{descriptor.containing_service.full_name}/{descriptor.name}"
        connect = channel.unary_stream if descriptor.server_streaming else channel.unary_unary
        stub = connect(
            path, request_serializer=request_class.SerializeToString, response_deserializer=answer_class.FromString
        )
        try:
            answers = stub(request, metadata=self._metadata, timeout=DEADLINE_SECONDS)
            for answer in answers if descriptor.server_streaming else [answers]:
                yield json_format.MessageToDict(
                    answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
                )
        except grpc.RpcError as error:
            raise Refused(method, error) from None


@contextmanager
def refused(*codes, reason=None):
    """Expects the block's RPC to be refused with one of these codes; yields a list that holds the refusal afterwards."""
    caught = []
    try:
        yield caught
    except Refused as refusal:
        assert refusal.code in codes, refusal
        if reason is not None:
            assert refusal.reason == reason, refusal
        caught.append(refusal)
    else:
        raise AssertionError(f"nothing was refused; {' or '.join(codes)} was expected")
