"""What the pages around the dashboards say, by the name that their templates use."""

from kolkit.words import N_

LABELS = {
    "title": N_("Strategy workbook"),
    "language": N_("Language"),
    "files": N_("The report as a file"),
    "journey": N_(
        "Five questions in order; each page answers one and carries your numbers to the next."
    ),
    "scenarios": N_("Saved scenarios"),
    "saved": N_("saved {when}"),
    "none_saved": N_("None yet: a workbook saves what it shows under a name."),
    "exercises": N_("Exercises"),
    "error": N_("Something is in the way"),
    "try_again": N_("Go back and try again; if it happens again, start the server anew."),
    "to_index": N_("To the workbooks"),
    "not_found": N_("There is no workbook at this address"),
    "mistyped": N_("It may be mistyped, or the page may have been renamed."),
    "busy": N_("All seats are taken"),
    "wait": N_(
        "As many people as this server can hold are at work. This page tries again by "
        "itself every {n} seconds; your numbers are kept."
    ),
    "login": N_("Log in"),
    "given_word": N_("Whoever runs this server has given you a word that opens it."),
    "word": N_("Access word"),
    "open": N_("Open"),
}
