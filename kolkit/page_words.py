"""The words that the page itself says: buttons, notices, questions of the rail and the desk."""

from kolkit.text.rate import typing_note
from kolkit.words import Words

MAX_UPLOAD = 8_000_000
"""Bytes of an order file."""


def rail_words(t: Words) -> dict[str, str]:
    """What stands on and around the knobs."""
    return {
        "reset": t("Reset"),
        "reset_all": t("Reset all"),
        "upload": t("Use an order file"),
        "remove": t("Remove the file"),
        "uploading": t("Reading…"),
        "too_large": t("This file is larger than {n} MB.", n=MAX_UPLOAD // 1_000_000),
        "not_a_number": t("Enter a number, such as 1.2m or 20%."),
        "outside": t("Allowed: {low} to {high}."),
        "inputs": t("Inputs"),
        "knobs": t("Knobs"),
        "typed_in": typing_note(t),
        "free": t("free"),
        "lock": t("Fix at {value}"),
        "unlock": t("Leave free"),
        "edit": t("Edit the table"),
        "close": t("Close"),
        "account": t("Account"),
        "on": t("On"),
        "source": t("Source"),
        "about": t("About this input"),
        "clear": t("Reset the table"),
        "preset": t("Start from"),
        "choose": t("choose…"),
        "changed": t("{n} changed"),
    }


def desk_words(t: Words) -> dict[str, str]:
    """What stands on the bar of the scenario and in what it opens."""
    return {
        "scenario": t("Scenario"),
        "scenarios": t("Scenarios"),
        "client": t("Client"),
        "home": t("All workbooks and scenarios"),
        "undo": t("Undo"),
        "redo": t("Redo"),
        "theme": t("Dark or light"),
        "save": t("Save"),
        "save_as_new": t("Save as new"),
        "open": t("Open"),
        "rename": t("Rename"),
        "duplicate": t("Duplicate"),
        "delete": t("Delete"),
        "compare": t("Compare"),
        "baseline": t("Baseline"),
        "cancel": t("Cancel"),
        "share": t("Share"),
        "link": t("Link to this scenario"),
        "copy": t("Copy the link"),
        "copied": t("Copied"),
        "download": t("Download"),
        "download_pdf": t("Report (PDF)"),
        "download_xlsx": t("Tables (XLSX)"),
        "download_yaml": t("Brief (YAML)"),
        "picture": t("Long picture (PNG)"),
        "load_brief": t("Load a brief"),
        "new_scenario": t("New scenario"),
        "stop_comparing": t("Stop comparing"),
        "open_theirs": t("Open the newer one"),
        "overwrite": t("Overwrite it"),
        "access_here": t("Opens on this computer only: the dashboards listen to nobody else."),
        "access_token": t("Whoever reaches this address and has the access token can open it."),
        "access_proxy": t("Whoever can sign in to this address can open it."),
        "saved_note": t(
            "A saved scenario is a file on this server; whoever can open the dashboards sees it. "
            "What is not saved stays with you."
        ),
        "tick_to_compare": t("Tick up to three to hold them against what is on screen."),
        "is_saved": t("Saved."),
        "unsaved": t("Changed since it was saved."),
        "not_saved_yet": t("Not saved yet."),
        "none_saved": t("Nothing saved yet."),
        "copy_of": t("{name} (copy)"),
    }


def notice_words(t: Words) -> dict[str, str]:
    """What the page says about what it is doing."""
    return {
        "working": t("Working…"),
        "saved_as": t("Saved: {name}"),
        "deleted": t("Deleted: {name}"),
        "restore": t("Restore"),
        "opened": t("Opened: {name}"),
        "began_anew": t("A new scenario, at the sourced values."),
        "saved_since": t("This scenario was saved again {when}; you see what the link carries."),
        "four_at_most": t("Four can stand side by side: this one and three others."),
        "newer_link": t(
            "This link was made by a newer version: what this one does not know is left out."
        ),
        "damaged_link": t(
            "This link was cut or changed on its way: what could be read of it is shown. "
            "Ask for it again."
        ),
        "no_name": t("Give it a name."),
        "bad_name": t("A name does not contain < > / \\ | ? * : or quotes, nor begin with a dot."),
        "long_link": t("Some chats cut links as long as this one: send the brief (YAML) instead."),
        "picture_source": t("Source: kolkit, own calculation, scenario {hash}"),
        "making_pdf": t("Report"),
        "making_xlsx": t("Tables"),
        "stage_waiting": t("waiting for its turn"),
        "stage_notebook": t("running the workbooks"),
        "stage_document": t("writing the document"),
        "stage_pdf": t("printing and checking"),
        "seconds_left": t("about {n} s left"),
        "downloaded": t("Downloaded."),
        "calculating": t("Calculating… {seconds} s"),
        "cancelled": t("Called off: the last change was taken back."),
        "lost": t("The connection is lost. Your scenario is kept."),
        "unreachable": t("The server does not answer. Your scenario is kept."),
        "reconnecting": t("Connecting again…"),
        "resume": t("Resume"),
        "resumed": t("Connected again."),
        "restarted": t("The calculation was started afresh; your scenario is as you left it."),
    }
