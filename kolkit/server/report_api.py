"""Reports over HTTP: ask for one, look how far it is, fetch its files, or end it."""

import asyncio

import tornado.web

from kolkit.contents import brief_bytes
from kolkit.identity import folder_name
from kolkit.server.api import Api
from kolkit.server.jobs import KINDS, Job


class Reports(Api):
    """Reports that are asked for."""

    @tornado.web.authenticated
    async def post(self) -> None:
        """Ask for one."""
        content, told = self.content()
        notebook, saved = (str(told.get(name, "")) for name in ("notebook", "id"))
        look = await asyncio.to_thread(self.site.look, content, notebook=notebook, id=saved)
        # The report says what the screen says, and so in the same currency.
        look |= {name: told[name] for name in ("currency",) if name in told}
        data = await asyncio.to_thread(brief_bytes, content, look)
        stem = f"{folder_name(content.client)}-{folder_name(content.scenario)}"[:120]
        job = self.site.jobs.start(data, stem=stem, pdf=bool(told.get("pdf", True)))
        self.answer({"job": job.id}, 202)


class _OfJob(Api):
    """What is asked about one report."""

    def job(self, job_id: str) -> Job:
        """The report, if it is still kept."""
        found = self.site.jobs.get(job_id)
        if found is None:
            raise tornado.web.HTTPError(404)
        return found


class Report(_OfJob):
    """One report."""

    @tornado.web.authenticated
    async def get(self, job_id: str) -> None:
        """How far it is."""
        job = self.job(job_id)
        told = self.site.jobs.told(job)
        if job.state == "failed" and not job.message:
            told["message"] = self.t("The report could not be made; nothing was kept of it.")
        self.answer(told)

    @tornado.web.authenticated
    async def delete(self, job_id: str) -> None:
        """End it."""
        await asyncio.to_thread(self.site.jobs.cancel, self.job(job_id))
        self.set_status(204)
        self.finish()


class ReportOutput(_OfJob):
    """A finished report's files."""

    @tornado.web.authenticated
    async def get(self, job_id: str, kind: str) -> None:
        """One file, to be saved."""
        path = self.job(job_id).result(kind)
        if path is None:
            raise tornado.web.HTTPError(404)
        data = await asyncio.to_thread(path.read_bytes)
        self.attach(data, name=path.name, kind=KINDS[kind])


_JOB = r"([\w-]+)"
HANDLERS: tuple[tuple[str, type[Api]], ...] = (
    (r"reports", Reports),
    (rf"reports/{_JOB}", Report),
    (rf"reports/{_JOB}/({'|'.join(KINDS)})", ReportOutput),
)
"""Handlers by their path below `kolkit/`."""
