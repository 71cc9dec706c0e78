"""Batches with a real queue and real worker processes."""

from __future__ import annotations

import io
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.test_service import SAMPLES, TRUTH, Client, free_port, running, wait_until_ready
from tests.workers_support import RealService, eventually, report_pdf
from tests.zips import zip_of
from workers.batches import Batches

pytestmark = [pytest.mark.service]

SLOWLY = "time.sleep(0.15)"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RealService]:
    real = RealService(tmp_path)
    yield real
    real.close()


def many(folder: Path, count: int) -> dict[str, bytes]:
    """Reports of two pages each."""
    return {f"{n:02}.pdf": report_pdf(folder / f"{n:02}.pdf", agency=f"某市第{n}局").read_bytes() for n in range(count)}


def test_single_uploads_overtake_bulk_work(service: RealService, tmp_path: Path) -> None:
    batches = Batches(service.reports.runtime)
    batch = batches.submit([("a.zip", zip_of(many(tmp_path, 40)))])
    service.start_worker(SLOWLY)
    eventually(lambda: batches.get(batch.id).progress.counts["queued"] == 0)  # all are open, their pages wait
    large = report_pdf(tmp_path / "single.pdf", pages=20, agency="某区审计局")
    single = service.submit(large)
    before = batches.get(batch.id).progress.counts["succeeded"]
    done = service.finish(single.id)
    left = batches.get(batch.id).progress
    # only what the two processes had at hand, and the messages that they had fetched ahead, came before it
    assert left.counts["succeeded"] <= before + 4 and left.status == "running"
    assert done.status == "succeeded"
    eventually(lambda: batches.get(batch.id).progress.status == "finished", 120)
    assert batches.get(batch.id).progress.counts["succeeded"] == 40


def test_a_batch_outlives_its_workers_and_its_queue(service: RealService, tmp_path: Path) -> None:
    batches = Batches(service.reports.runtime)
    service.stop_valkey()
    batch = batches.submit([("a.zip", zip_of(many(tmp_path, 12)))])
    assert batch.progress.counts["queued"] == 12
    service.start_valkey()
    worker = service.start_worker(SLOWLY)
    eventually(lambda: batches.get(batch.id).progress.percent >= 10)
    worker.kill()
    worker.wait()
    service.reports.release_claims()
    service.start_worker()
    eventually(lambda: batches.get(batch.id).progress.status == "finished", 120)
    assert batches.get(batch.id).progress.counts["succeeded"] == 12


def picture() -> bytes:
    """A house in the sun."""
    image = Image.new("RGB", (900, 700), "skyblue")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 480, 900, 700), fill="darkgreen")
    draw.rectangle((300, 300, 600, 520), fill="firebrick")
    draw.polygon([(280, 300), (450, 160), (620, 300)], fill="saddlebrown")
    draw.ellipse((700, 60, 820, 180), fill="gold")
    made = io.BytesIO()
    image.save(made, "JPEG")
    return made.getvalue()


@pytest.mark.ocr
def test_an_archive_goes_through_the_service(tmp_path: Path) -> None:
    client = Client(free_port())
    content = zip_of(
        {
            "科学技术局/2021/年报.pdf": (SAMPLES / "yanzhou-2021.pdf").read_bytes(),
            "科学技术局/2021/副本.pdf": (SAMPLES / "yanzhou-2021.pdf").read_bytes(),
            "财政局/2023年报.pdf": report_pdf(tmp_path / "a.pdf").read_bytes(),
            "照片/办公楼.jpg": picture(),
            "说明.txt": "请查收".encode("gbk"),
            "照片/Thumbs.db": b"x",
        },
        gbk=True,
    ).getvalue()
    with running(["serve", "--port", client.url.rsplit(":", 1)[1], "--data", str(tmp_path / "data")]):
        wait_until_ready(client)
        name = urllib.parse.quote("兖州区.zip")
        headers = {"Content-Type": "application/zip", "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        status, accepted = client.call("/api/v1/batches", content, "POST", **headers)
        assert (status, accepted["name"], accepted["files_total"]) == (202, "兖州区.zip", 5)
        percents = [0]
        while percents[-1] < 100 and len(percents) < 200:
            _, body = client.call(f"{accepted['links']['self']}?wait=10")
            percents.append(body["percent"])
        assert percents == sorted(percents)
        assert (body["status"], body["percent"]) == ("finished", 100)
        files = {file["name"]: file for file in body["files"]["items"]}
        assert {name: file["state"] for name, file in files.items()} == {
            "科学技术局/2021/年报.pdf": "succeeded",
            "科学技术局/2021/副本.pdf": "succeeded",
            "财政局/2023年报.pdf": "succeeded",
            "照片/办公楼.jpg": "no_report",
            "说明.txt": "refused",
        }
        report = files["科学技术局/2021/年报.pdf"]
        assert report["report_id"] == files["科学技术局/2021/副本.pdf"]["report_id"]
        assert report["validation_status"] == "passed"
        assert client.call(f"{report['links']['report']}/result")[1]["report"]["tables"] == TRUTH["tables"]
        assert client.call("/api/v1/reports")[1]["total"] == 3
        again = client.call("/api/v1/batches", content, "POST", **headers)[1]
        assert (again["status"], again["counts"]["succeeded"]) == ("finished", 3)
