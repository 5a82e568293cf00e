"""The same pages and scenarios on a Jupyter server: JupyterLab, or a user's server of JupyterHub.

They lie below `kolkit/` and ask for that server's own login. The workbooks shipped with the package
are opened from there whatever folder the server shows; Voila must be installed beside it.
"""

import atexit
import os
from pathlib import Path
from typing import Any

from jupyter_server.utils import url_path_join

BRIEFS = "KOLKIT_BRIEFS"
"""Environment variable that names the folder of scenarios; `reports/briefs` below the root if not
set."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "kolkit.server.extension"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Add our handlers to a Jupyter server."""
    from voila.configuration import VoilaConfiguration
    from voila.paths import collect_template_paths

    from kolkit.scenarios import Store
    from kolkit.server.api import HANDLERS as API
    from kolkit.server.folders import served
    from kolkit.server.index import Index
    from kolkit.server.jobs import Jobs
    from kolkit.server.pages import ShippedDashboard
    from kolkit.server.report_api import HANDLERS as REPORTS
    from kolkit.server.site import SETTING, Site, page_config_hook

    web_app = serverapp.web_app
    base = web_app.settings["base_url"]
    briefs = Path(os.environ.get(BRIEFS) or Path(serverapp.root_dir) / "reports" / "briefs")
    site = Site(
        served=served(None),
        store=Store(briefs.absolute()),
        jobs=Jobs(),
        index="kolkit/",
        render="kolkit/render/",
        access="proxy",
    )
    web_app.settings[SETTING] = site
    configuration = VoilaConfiguration(
        parent=serverapp, template="kolkit", page_config_hook=page_config_hook
    )
    template_paths = collect_template_paths(["voila", "nbconvert"], "kolkit")
    known = {
        "config": serverapp.config,
        "template_paths": template_paths,
        "voila_configuration": configuration,
    }
    below = url_path_join(base, "kolkit/")
    handlers: list[Any] = [(below + path, kind) for path, kind in (*API, *REPORTS)]
    handlers += [(below + "?", Index), (below + "render/(.*)", ShippedDashboard, known)]
    web_app.add_handlers(".*$", handlers)
    serverapp.log.info("The strategy workbooks are at %skolkit/", base)
    atexit.register(site.jobs.close)
