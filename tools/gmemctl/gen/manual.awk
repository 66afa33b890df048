# SPDX-License-Identifier: GPL-2.0
# Make the manual page out of the tables (first file) and its text (second).
# In the text stand, each at the beginning of a line:
#
#   @SYNOPSIS		how every verb is called
#   @OPTIONS VERB	the options of the verb, or of the group "change",
#			"common" or "all", with what the tables say about them
#   @MORE OPTION	after it: lines to add about this option
#   @COLUMNS VERB SECTION	the columns of a kind of object
#   @MORE COLUMN	after it: lines to add about this column
#   @END		ends each of the last two
#
# An option or column that is not there is an error.
BEGIN { FS = "\t" }

function fail(text)
{
	print FILENAME ":" FNR ": " text > "/dev/stderr"
	failed = 1
	exit 1
}

# Dashes are minus signs, and no line is a request.
function escape(text)
{
	gsub(/-/, "\\-", text)
	sub(/^[.']/, "\\\\\\&&", text)
	return text
}

function sentence(text)
{
	text = toupper(substr(text, 1, 1)) substr(text, 2)
	return escape(text) (text ~ /[.]$/ ? "" : ".")
}

function value(text)
{
	return text == "-" ? "" : " Ar " escape(text)
}

FILENAME == ARGV[1] && $1 == "verb" {
	verbs[++nr_verbs] = $2
	operands[$2] = $3
}

FILENAME == ARGV[1] && $1 == "option" {
	groups[$2, $3] = 1
	where = $3 == "own" ? $2 : $3
	if ((where, $5) in help)
		next
	if ($3 == "own")
		own[$2] = 1
	options[where, ++nr_options[where]] = $5
	letter[where, $5] = $4
	argument[where, $5] = $6
	help[where, $5] = $8
}

FILENAME == ARGV[1] && $1 == "column" {
	columns[$2, $3, ++nr_columns[$2, $3]] = $4
	shown[$2, $3, $4] = $5
	column_help[$2, $3, $4] = $6
}

FILENAME == ARGV[1] { next }

function flag(where, option)
{
	if (letter[where, option] != "-")
		return letter[where, option]
	return "\\-" escape(option)
}

function synopsis_option(where, option)
{
	print ".Op Fl " flag(where, option) value(argument[where, option])
}

function synopsis(   v, i, verb, n, words)
{
	for (v = 1; v <= nr_verbs; v++) {
		verb = verbs[v]
		print ".Nm"
		print ".Cm " escape(verb)
		for (i = 1; i <= nr_options[verb]; i++)
			synopsis_option(verb, options[verb, i])
		if ((verb, "change") in groups)
			synopsis_option("change", "dry-run")
		if ((verb, "common") in groups)
			synopsis_option("common", "json")
		if (operands[verb] == "-")
			continue
		n = split(operands[verb], words, " ")
		for (i = 1; i <= n; i++) {
			if (words[i] ~ /^\[.*\][.]*$/)
				print ".Op Ar " escape(substr(words[i], 2, \
					index(words[i], "]") - 2)) \
					(words[i] ~ /[.]$/ ? " ..." : "")
			else
				print ".Ar " escape(words[i])
		}
	}
}

function list_options(   i, option)
{
	print ".Bl -tag -width Ds"
	for (i = 1; i <= nr_options[object]; i++) {
		option = options[object, i]
		printf ".It %sFl \\-%s%s\n", \
			(letter[object, option] == "-" ? "" : \
			 "Fl " letter[object, option] " , "), escape(option), \
			value(argument[object, option])
		print sentence(help[object, option])
		printf "%s", more[option]
		delete more[option]
	}
	print ".El"
}

function list_columns(   i, column, key)
{
	print ".Bl -tag -width SCRUBBED"
	for (i = 1; i <= nr_columns[object, section]; i++) {
		column = columns[object, section, i]
		print ".It Cm " column
		print sentence(column_help[object, section, column])
		printf "%s", more[column]
		delete more[column]
		if (shown[object, section, column] == "-")
			print "Not shown by default."
	}
	print ".El"
}

{ n = split($0, word, " ") }

word[1] == "@SYNOPSIS" { synopsis(); next }

word[1] == "@OPTIONS" || word[1] == "@COLUMNS" {
	mode = word[1]
	object = word[2]
	section = word[3]
	if (mode == "@OPTIONS" && !(object in nr_options))
		fail("no options of " object)
	if (mode == "@COLUMNS" && !((object, section) in nr_columns))
		fail("no columns of " object ", " section)
	about = ""
	next
}

word[1] == "@MORE" {
	about = word[2]
	if (mode == "@OPTIONS" && !((object, about) in help))
		fail(object " has no option " about)
	if (mode == "@COLUMNS" && !((object, section, about) in shown))
		fail(object " has no column " about)
	next
}

word[1] == "@END" {
	if (mode == "@OPTIONS")
		list_options()
	else
		list_columns()
	described[object, section] = 1
	mode = section = ""
	next
}

/^@/ { fail("what is " word[1] "?") }

mode != "" {
	if (about == "")
		fail("text outside of @MORE")
	more[about] = more[about] $0 "\n"
	next
}

{ print }

END {
	if (failed)
		exit 1
	for (verb in own)
		if (!((verb, "") in described))
			fail("the options of " verb " are not described")
	for (key in nr_columns)
		if (!(key in described))
			fail("columns are not described")
}
