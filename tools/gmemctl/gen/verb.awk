# SPDX-License-Identifier: GPL-2.0
# Make the manual page of one verb: what the manual of all verbs, which was made
# by manual.awk, says about it.
#
#   awk -f verb.awk -v verb=VERB TABLES MANUAL
function fail(text)
{
	print FILENAME ": " text > "/dev/stderr"
	failed = 1
	exit 1
}

# The name of the page is another one than that of the program, and parts of the
# manual are elsewhere now.
function add(where, line)
{
	if (line ~ /^\.Nm *$/)
		line = ".Nm gmemctl"
	if (line ~ /^\.Sx/)
		line = ".Xr gmemctl 8" substr(line, match(line, /( [.;,])?$/))
	text[where] = text[where] line "\n"
}

FILENAME == ARGV[1] {
	n = split($0, field, "\t")
	if (field[1] == "verb" && field[2] == verb)
		summary = field[n]
	if (field[1] == "option" && field[2] == verb)
		has[field[3]] = 1
	next
}

/^\.Dd / { date = $0 }

/^\.Sh / { section = $0; part = "" }

/^\.Ss / { part = $0; next }

section == ".Sh SYNOPSIS" && /^\.Nm/ { called = 0; next }

section == ".Sh SYNOPSIS" && /^\.Cm/ {
	called = $2 == verb || $2 == escaped
}

section == ".Sh SYNOPSIS" && called { add("synopsis", $0); next }

part == ".Ss gmemctl " verb { add("description", $0) }

part == ".Ss Options of verbs that change something" { add("change", $0) }

part == ".Ss Common options" { add("common", $0) }

section == ".Sh EXIT STATUS" && !/^\.Sh/ { add("status", $0) }

BEGIN {
	escaped = verb
	gsub(/-/, "\\-", escaped)
}

END {
	if (failed)
		exit 1
	if (summary == "" || !("synopsis" in text) || !("description" in text))
		fail("there is nothing about " verb)
	sub(/[.]$/, "", summary)
	print ".\\\" SPDX-License-Identifier: GPL-2.0"
	print date
	print ".Dt GMEMCTL-" toupper(verb) " 8"
	print ".Os Linux"
	print ".Sh NAME"
	print ".Nm gmemctl-" verb
	print ".Nd " tolower(substr(summary, 1, 1)) substr(summary, 2)
	print ".Sh SYNOPSIS"
	printf ".Nm gmemctl\n%s", text["synopsis"]
	printf ".Sh DESCRIPTION\n%s", text["description"]
	if ("change" in has || "common" in has)
		print ".Sh OPTIONS"
	if ("change" in has)
		printf ".Ss Of all verbs that change something\n%s", \
			text["change"]
	if ("common" in has)
		printf ".Ss Of all verbs\n%s", text["common"]
	printf ".Sh EXIT STATUS\n%s", text["status"]
	print ".Sh SEE ALSO"
	print ".Xr gmem.conf 5 ,"
	print ".Xr gmemctl 8"
}
