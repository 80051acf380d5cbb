"""The open data, read by the programs that people use: pyarrow, openpyxl, rdflib, sickle."""

import csv
import io
import json
import urllib.request
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import openpyxl
import pyarrow.parquet
import pytest
import rdflib
from lxml import etree
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF
from sickle import Sickle
from sickle.oaiexceptions import BadArgument, CannotDisseminateFormat, IdDoesNotExist, NoRecordsMatch
from support.servers import wait_for

YEARS = [2025, 2024]
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")


def fetch(server, path):
    with urllib.request.urlopen(server.http + path, timeout=60) as answer:
        return answer.read()


def document(server, path):
    status, _, body = server.get(path)
    assert status == 200, body
    return json.loads(body)


def tables(server, year=2025):
    return [table["number"] for table in document(server, f"/open/v1/releases/{year}/tables")["tables"]]


def cells(server, number, year=2025):
    """The table in JSON: its columns and its lines."""
    whole = document(server, f"/open/v1/releases/{year}/tables/{number}.json")
    return whole["columns"], whole["rows"]


def reports(server):
    """Every public report's id, page by page."""
    ids, token = [], ""
    while True:
        page = document(server, f"/open/v1/reports.json?page_size=100&page_token={token}")
        ids += [row["id"]["display"] for row in page["rows"]]
        token = page["next_page_token"]
        if not token:
            assert len(ids) == page["total_rows"]
            return ids


class TestOpenData:
    # Formats
    def test_parquet_holds_every_digit_of_every_table(self, demonstration):
        for number in tables(demonstration):
            columns, rows = cells(demonstration, number)
            body = fetch(demonstration, f"/open/v1/releases/2025/tables/{number}.parquet")
            table = pyarrow.parquet.read_table(io.BytesIO(body))
            assert table.num_rows == len(rows)
            assert json.loads(table.schema.metadata[b"zhijian.title"])["zh"]
            for column in columns:
                found = table.column(column["key"]).to_pylist()
                wanted = [row[column["key"]] for row in rows]
                if column["numeric"]:
                    exact = [Decimal(cell["value"]) if cell["value"] else None for cell in wanted]
                    assert found == exact, (number, column["key"])
                    found = table.column(column["key"] + "_display").to_pylist()
                assert [text or "" for text in found] == [cell["display"] for cell in wanted]

    def test_xlsx_has_numbers_as_numbers_that_look_as_printed(self, demonstration):
        for number in tables(demonstration):
            columns, rows = cells(demonstration, number)
            body = fetch(demonstration, f"/open/v1/releases/2025/tables/{number}.xlsx")
            book = openpyxl.load_workbook(io.BytesIO(body))
            assert book.sheetnames == [number, "来源 Source"]
            sheet = book[number]
            headings = [cell.value for cell in sheet[1]]
            for column in columns:
                place = next(at for at, text in enumerate(headings) if text.startswith(column["name"]["zh"]))
                for line, row in enumerate(rows):
                    cell, wanted = sheet.cell(line + 3, place + 1), row[column["key"]]
                    if isinstance(cell.value, (int, float)):
                        assert cell.value == pytest.approx(float(wanted["value"]), rel=1e-14)
                        decimals = len(wanted["display"].rstrip("%").partition(".")[2])
                        assert cell.number_format.count("0") == 1 + decimals, wanted
                    else:
                        assert (cell.value or "") == wanted["display"]
            said = {row[0].value: row[1].value for row in book["来源 Source"].iter_rows()}
            assert any(name.startswith("来源") for name in said)

    def test_a_page_of_a_part_of_a_table(self, demonstration):
        whole = document(demonstration, "/open/v1/releases/2025/tables/2-2.json")
        some = document(
            demonstration, "/open/v1/releases/2025/tables/2-2.json?columns=grade,count&where=count:ge:20&page_size=3"
        )
        count = [int(row["count"]["value"]) for row in whole["rows"]]
        assert some["total_rows"] == sum(1 for each in count if each >= 20)
        assert len(some["rows"]) == 3 and set(some["rows"][0]) <= {"grade", "count", "total"}

    def test_wrong_arguments_are_named(self, demonstration):
        for query, name in [("columns=nothing", "columns"), ("page_size=0", "page_size"), ("colour=red", "colour")]:
            status, headers, body = demonstration.get(f"/open/v1/releases/2025/tables/2-2.json?{query}")
            assert (status, headers.get_content_type()) == (400, "application/problem+json")
            assert json.loads(body)["errors"][0]["parameter"] == name

    def test_registers_are_whole_in_csv_and_json(self, demonstration):
        for name, least in [("institutions", 70), ("programmes", 182), ("reports", 189)]:
            total = document(demonstration, f"/open/v1/{name}.json?page_size=1")["total_rows"]
            body = fetch(demonstration, f"/open/v1/{name}.csv").decode()
            assert total >= least
            assert len(list(csv.reader(io.StringIO(body)))) == total + 1

    # Catalogues
    def test_both_forms_say_the_same_and_every_file_is_there(self, demonstration):
        turtle = rdflib.Graph().parse(data=fetch(demonstration, "/open/v1/catalog.ttl"), format="turtle")
        json_ld = rdflib.Graph().parse(data=fetch(demonstration, "/open/v1/catalog.jsonld"), format="json-ld")
        assert isomorphic(turtle, json_ld)
        (catalogue,) = turtle.subjects(RDF.type, DCAT.Catalog)
        datasets = set(turtle.objects(catalogue, DCAT.dataset))
        assert len(datasets) == sum(len(tables(demonstration, year)) for year in YEARS) + 2
        for dataset in datasets:
            assert {title.language for title in turtle.objects(dataset, DCTERMS.title)} == {"zh", "en"}
            assert len(list(turtle.objects(dataset, DCAT.distribution))) == 4
        for file in turtle.objects(None, DCAT.downloadURL):
            request = urllib.request.Request(str(file), method="HEAD")
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert answer.status == 200
        assert len(list(turtle.objects(None, SPDX.checksumValue))) == len(datasets) - 2

    def test_a_release_page_carries_a_dataset_for_search_engines(self, demonstration):
        _, _, page = demonstration.get("/releases/2025")
        block = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
        data = json.loads(block)
        assert data["@type"] == "Dataset" and data["@context"] == "https://schema.org/"
        assert [part["identifier"] for part in data["hasPart"]] == [f"2025/{number}" for number in tables(demonstration)]
        graph = rdflib.Graph().parse(
            data=json.dumps({**data, "@context": {"@vocab": "https://schema.org/"}}), format="json-ld"
        )
        assert len(list(graph.subjects(RDF.type, rdflib.URIRef("https://schema.org/Dataset")))) == 1 + len(data["hasPart"])

    def test_the_feed_and_the_map_are_sound(self, demonstration):
        feed = ElementTree.fromstring(fetch(demonstration, "/open/v1/releases.atom"))
        atom = "{http://www.w3.org/2005/Atom}"
        ids = [entry.findtext(f"{atom}id") for entry in feed.iter(f"{atom}entry")]
        assert ids == [f"{demonstration.http}/releases/{year}" for year in YEARS]
        site = ElementTree.fromstring(fetch(demonstration, "/sitemap.xml"))
        pages = [page.text for page in site.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
        assert len(pages) == len(set(pages))
        for page in pages[:: max(1, len(pages) // 40)]:
            assert demonstration.get(page.removeprefix(demonstration.http))[0] == 200, page

    def test_the_description_names_only_what_answers(self, demonstration):
        described = document(demonstration, "/open/v1/openapi.json")
        assert described["openapi"] == "3.1.0"
        for path in described["paths"]:
            if "{" not in path:
                assert demonstration.get(path)[0] == 200, path

    # Harvesting
    def test_every_record_is_harvested_to_the_last_page(self, demonstration):
        sickle = Sickle(f"{demonstration.http}/oai")
        assert sickle.Identify().protocolVersion == "2.0"
        public = reports(demonstration)
        count = len(YEARS) + sum(len(tables(demonstration, year)) for year in YEARS) + len(public)
        records = list(sickle.ListRecords(metadataPrefix="oai_dc"))
        names = [record.header.identifier for record in records]
        assert len(names) == len(set(names)) == count > 200
        assert all(record.metadata["title"] and record.metadata["identifier"] for record in records)
        assert names == [header.identifier for header in sickle.ListIdentifiers(metadataPrefix="oai_dc")]
        assert {name.rsplit("/", 1)[1] for name in names if ":report/" in name} == set(public)
        one = sickle.GetRecord(identifier=names[-1], metadataPrefix="oai_dc")
        assert one.metadata == records[-1].metadata

    def test_every_record_is_a_datacite_record_too(self, demonstration):
        sickle = Sickle(f"{demonstration.http}/oai")
        formats = {each.metadataPrefix: each for each in sickle.ListMetadataFormats()}
        assert set(formats) == {"oai_dc", "oai_datacite"}
        wrapper = f"{{{formats['oai_datacite'].metadataNamespace}}}"
        kernel = {"d": "http://datacite.org/schema/kernel-4"}
        schema = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas/datacite.xsd"))
        names = [header.identifier for header in sickle.ListIdentifiers(metadataPrefix="oai_dc")]
        harvested = []
        for record in sickle.ListRecords(metadataPrefix="oai_datacite"):
            (wrapped,) = record.xml.iter(f"{wrapper}oai_datacite")
            assert {child.tag for child in wrapped} == {
                wrapper + name for name in ("schemaVersion", "datacentreSymbol", "payload")
            }
            (resource,) = wrapped.find(f"{wrapper}payload")
            schema.assertValid(etree.ElementTree(etree.fromstring(etree.tostring(resource))))
            (own,) = resource.xpath("d:alternateIdentifiers/d:alternateIdentifier/text()", namespaces=kernel)
            assert own == record.header.identifier
            harvested.append((own, resource))
        assert [own for own, _ in harvested] == names
        # What a record names is there.
        tables_of = [resource for own, resource in harvested if ":table/" in own]
        for resource in [tables_of[0], harvested[-1][1]]:
            links = resource.xpath("d:identifier/text()|d:relatedIdentifiers/d:relatedIdentifier/text()", namespaces=kernel)
            for link in links:
                assert fetch(demonstration, link.removeprefix(demonstration.http)), link

    def test_sets_and_dates_part_the_records(self, demonstration):
        sickle = Sickle(f"{demonstration.http}/oai")
        specs = [each.setSpec for each in sickle.ListSets()]
        assert set(specs) == {"release", "table", "report", "year", "year:2024", "year:2025"}
        parts = [list(sickle.ListIdentifiers(metadataPrefix="oai_dc", set=spec)) for spec in specs[:3]]
        whole = list(sickle.ListIdentifiers(metadataPrefix="oai_dc"))
        assert sum(len(part) for part in parts) == len(whole)
        middle = sorted(header.datestamp for header in whole)[len(whole) // 2]
        since = list(sickle.ListIdentifiers(**{"metadataPrefix": "oai_dc", "from": middle}))
        assert len(since) == sum(1 for header in whole if header.datestamp >= middle)

    def test_faults_are_told_by_their_codes(self, demonstration):
        sickle = Sickle(f"{demonstration.http}/oai")
        with pytest.raises(CannotDisseminateFormat):
            sickle.ListRecords(metadataPrefix="marc21")
        with pytest.raises(BadArgument):
            sickle.ListRecords(**{"metadataPrefix": "oai_dc", "from": "2026-02-31"})
        with pytest.raises(NoRecordsMatch):
            sickle.ListRecords(**{"metadataPrefix": "oai_dc", "from": "2099-01-01"})
        with pytest.raises(IdDoesNotExist):
            sickle.GetRecord(identifier="oai:nowhere:1", metadataPrefix="oai_dc")

    # Reports and search
    def search(self, server, words, **filters):
        query = "".join(f"&{name}={quote(str(value))}" for name, value in filters.items())
        return document(server, f"/open/v1/search?q={quote(words)}{query}")

    def test_a_report_shows_what_it_says_and_nobody_who_wrote_it(self, demonstration):
        for report in reports(demonstration)[:5]:
            told = document(demonstration, f"/open/v1/reports/{report}")
            assert told["sections"] and told["values"]
            assert not {"account", "declaration", "editor"} & set(json.dumps(told).split('"'))
            assert demonstration.get(f"/reports/{report}")[0] == 200

    def test_what_is_not_released_is_not_there(self, demonstration):
        commission = demonstration.caller.sign_in("commission", "zhijian-demo-2026")
        method = "submission.v1.SubmissionService/ListSubmissions"
        secret = commission.list(method, "submissions", cycle_year=2026, page_size=100)
        public = set(reports(demonstration))
        assert not public & {submission["submission_id"] for submission in secret}
        for submission in secret[:10]:
            assert demonstration.get(f"/reports/{submission['submission_id']}")[0] == 404
            assert demonstration.get(f"/open/v1/reports/{submission['submission_id']}")[0] == 404

    def test_chinese_is_found_counted_and_marked(self, demonstration):
        indexed = lambda: demonstration.get(f"/open/v1/search?q={quote('学校')}")[0] == 200
        wait_for("the index of reports", indexed, 120)
        found = self.search(demonstration, "产教融合")
        assert found["total"] > 0 and not found["loose"]
        hits = [piece["text"] for result in found["results"] for piece in result["snippet"] + result["title"] if piece["hit"]]
        assert "产教融合" in hits
        years = {each["value"]: each["count"] for each in found["facets"]["year"]}
        assert sum(years.values()) == found["total"]
        for year, count in years.items():
            assert self.search(demonstration, "产教融合", year=year)["total"] == count
        assert self.search(demonstration, "产教融合", year="1999")["total"] == 0
        status, _, page = demonstration.get(f"/search?q={quote('产教融合')}")
        assert status == 200 and "<mark>产教融合</mark>" in page

    def test_a_text_of_a_hundred_kilobytes_harms_nobody(self, demonstration):
        for path in ["/search", "/open/v1/search"]:
            status, _, _ = demonstration.get(f"{path}?q={'x' * 100_000}")
            assert status in (200, 400, 414, 431)
        assert demonstration.get("/healthz")[0] == 200
