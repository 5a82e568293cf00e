"""How a report looks."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kolkit.inputs.base import Section
from kolkit.words import N_


class Look(Section):
    """How the report looks: language, currency, names, logo, two colours, page size."""

    name: ClassVar[str] = "report"

    language: Literal["en", "zh"] = Field("en", title=N_("Language"))
    page: Literal["A4", "Letter"] = Field("A4", title=N_("Page size"))
    currency: Literal["CNY", "USD"] = Field("CNY", title=N_("Currency"))
    show_names: bool = Field(False, title=N_("Name streamers and accounts"))
    agency: Annotated[str, Field(max_length=60)] = Field("", title=N_("Agency"))
    logo: Annotated[str, Field(max_length=1000)] = Field("", title=N_("Logo file"))
    ink: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = Field("#1c2330", title=N_("Ink"))
    accent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = Field(
        "#b8402a", title=N_("Accent")
    )
