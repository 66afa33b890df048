# SPDX-License-Identifier: GPL-2.0
# Make the manual page of the library out of its header: the comment at the
# beginning, and each kernel-doc comment with the declaration below it.  A
# comment of one line that begins a part of the header is a section.
#
# What the header has and this does not understand is an error.
function fail(text)
{
	print FILENAME ":" FNR ": " text > "/dev/stderr"
	failed = 1
	exit 1
}

# Dashes are minus signs, names of parameters stand out, no line is a request.
function escape(text,   out, word)
{
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	out = ""
	while (match(text, /@[A-Za-z_]+/)) {
		word = substr(text, RSTART + 1, RLENGTH - 1)
		out = out substr(text, 1, RSTART - 1) "\\fI" word "\\fP"
		text = substr(text, RSTART + RLENGTH)
	}
	text = out text
	sub(/^[.']/, "\\\\\\&&", text)
	return text
}

# A paragraph, as a line for each sentence.
function print_text(text)
{
	text = escape(text)
	gsub(/[.] +/, ".\n", text)
	gsub(/\n[.']/, "\n\\\\\\&&", text)
	print text
}

function capital(text)
{
	return toupper(substr(text, 1, 1)) substr(text, 2)
}

function sentence(text)
{
	return capital(text) (text ~ /[.]$/ ? "" : ".")
}

function start_section(title)
{
	end_section()
	section = title
	print ".Ss " title
}

function end_section()
{
	if (listed)
		print ".El"
	listed = 0
}

# A declaration without its line ends: "int f(struct x *x, int y);"
function print_function(text,   type, name, n, args, i)
{
	sub(/^typedef /, "", text)
	if (!match(text, /(\(\*gmem_[a-z_]+\)|gmem_[a-z_]+)\(/))
		fail("no function in '" text "'")
	type = substr(text, 1, RSTART - 1)
	name = substr(text, RSTART, RLENGTH - 1)
	args = substr(text, RSTART + RLENGTH)
	sub(/\);?$/, "", args)
	sub(/ +$/, "", type)
	printf ".It Ft \"%s\" Fn %s", type, name
	n = split(args, words, /, */)
	for (i = 1; i <= n; i++)
		printf " \"%s\"", words[i]
	print ""
}

function print_item(declaration,   i)
{
	# What comes before the first section is for all of them.
	if (section == "")
		start_section("Constants")
	if (!listed)
		print ".Bl -tag -width Ds"
	listed = 1
	if (kind == "function" || kind == "typedef")
		print_function(declaration)
	else if (kind == "enum")
		print ".It Vt \"enum " name "\""
	else if (kind == "macro")
		print ".It Fn " name " " macro_arguments(declaration)
	else
		print ".It Dv " name
	print_text(sentence(summary))
	if (nr_params) {
		print ".Bl -tag -width Ds -compact"
		for (i = 1; i <= nr_params; i++) {
			print ".It " (kind == "enum" ? "Dv " : "Fa ") param[i]
			print_text(sentence(param_text[i]))
		}
		print ".El"
	}
	for (i = 1; i <= nr_paragraphs; i++) {
		print ".Pp"
		print_text(paragraph[i])
	}
	names[++nr_names] = name
}

function macro_arguments(declaration,   args, n, i, out)
{
	args = declaration
	sub(/^[^(]*\(/, "", args)
	sub(/\).*$/, "", args)
	n = split(args, words, /, */)
	out = ""
	for (i = 1; i <= n; i++)
		out = out (i > 1 ? " " : "") "\"" words[i] "\""
	return out
}

# One line of a comment, without what makes it one.
function add_line(text)
{
	if (text == "") {
		where = "paragraph"
		fresh = 1
		return
	}
	if (match(text, /^@[A-Za-z_]+: /)) {
		param[++nr_params] = substr(text, 2, RLENGTH - 3)
		param_text[nr_params] = substr(text, RLENGTH + 1)
		where = "param"
		return
	}
	sub(/^[ \t]+/, "", text)
	if (where == "param") {
		param_text[nr_params] = param_text[nr_params] " " text
		return
	}
	if (fresh) {
		nr_paragraphs++
		paragraph[nr_paragraphs] = ""
	}
	fresh = 0
	paragraph[nr_paragraphs] = paragraph[nr_paragraphs] \
		(paragraph[nr_paragraphs] == "" ? "" : " ") text
}

# "name() - what it does", "typedef name - what", "enum name - what", and
# "NAME: what"
function start_comment(text)
{
	nr_params = nr_paragraphs = 0
	where = "paragraph"
	fresh = 1
	if (match(text, /^[A-Z_]+: /)) {
		kind = "constant"
		name = substr(text, 1, RLENGTH - 2)
		summary = substr(text, RLENGTH + 1)
		return
	}
	if (!match(text, /^(typedef |enum )?[a-z_]+(\(\))? - /))
		fail("'" text "' is no title")
	summary = substr(text, RLENGTH + 1)
	name = substr(text, 1, RLENGTH - 3)
	kind = "function"
	if (sub(/^typedef /, "", name))
		kind = "typedef"
	if (sub(/^enum /, "", name))
		kind = "enum"
	sub(/\(\)$/, "", name)
	if (name ~ /_foreach$/)
		kind = "macro"
}

BEGIN {
	print ".\\\" SPDX-License-Identifier: GPL-2.0"
	print ".Dd " date
	print ".Dt LIBGMEM 3"
	print ".Os Linux"
	print ".Sh NAME"
	print ".Nm libgmem"
	print ".Nd pools of memory without struct pages"
	print ".Sh SYNOPSIS"
	print ".In libgmem.h"
	print ".Pp"
	print "Link with"
	print ".Fl l Ns Li gmem ;"
	print ".Ql pkg-config libgmem"
	print "knows the flags."
	print ".Sh DESCRIPTION"
	state = "before"
}

# The comment at the beginning: paragraphs, and a table of objects.
state == "before" {
	if ($0 == "/*")
		state = "about"
	next
}

state == "about" {
	if ($0 == " */") {
		if (in_objects)
			print ".El"
		state = "code"
		next
	}
	text = $0
	sub(/^ \* ?/, "", text)
	if (text ~ /^libgmem: /)
		text = capital(substr(text, 10))
	if (text ~ /^  struct /) {
		match(text, /^  struct [a-z_]+/)
		if (!in_objects)
			print ".Bl -tag -width Ds"
		in_objects = 1
		print ".It Vt \"" substr(text, 3, RLENGTH - 2) "\""
		text = substr(text, RLENGTH + 1)
	} else if (in_objects && text !~ /^[ \t]/ && text != "") {
		print ".El"
		in_objects = 0
	}
	sub(/^[ \t]+/, "", text)
	if (text == "") {
		pending = 1
		next
	}
	if (text == "Objects" || text == "Errors") {
		print ".Ss " text
	} else {
		if (pending && !after_title && !in_objects)
			print ".Pp"
		print_text(text)
	}
	after_title = text == "Objects" || text == "Errors"
	pending = 0
	next
}

state == "comment" {
	if ($0 == " */") {
		state = kind == "enum" || kind == "constant" ? "code" : \
			"declaration"
		declaration = ""
		if (state == "code")
			print_item("")
		next
	}
	text = $0
	sub(/^ \* ?/, "", text)
	if (title == "") {
		title = text
		start_comment(text)
	} else {
		add_line(text)
	}
	next
}

# Up to its end; a macro is known by its first line.
state == "declaration" {
	text = $0
	sub(/^[ \t]+/, "", text)
	declaration = declaration (declaration == "" || \
		declaration ~ /[*(]$/ ? "" : " ") text
	if (text ~ /;$/ || text ~ /^#define/) {
		state = "code"
		print_item(declaration)
	}
	next
}

/^\/\*\*$/ { state = "comment"; title = ""; next }

/^\/\*\* .* \*\/$/ {
	text = $0
	sub(/^\/\*\* /, "", text)
	sub(/ \*\/$/, "", text)
	start_comment(text)
	state = kind == "constant" ? "code" : "declaration"
	declaration = ""
	if (state == "code")
		print_item("")
	next
}

# "Context" begins a section, and so does "Changes.  Each is one write ..."
/^\/\* [A-Z].* \*\/$/ {
	text = $0
	sub(/^\/\* /, "", text)
	sub(/ \*\/$/, "", text)
	sub(/:.*$/, "", text)
	start_section(text)
	next
}

/^\/\* [A-Z][a-z]+[.]  / {
	text = $0
	sub(/^\/\* /, "", text)
	match(text, /^[A-Za-z]+[.]  /)
	start_section(substr(text, 1, RLENGTH - 3))
	state = "remark"
	rest = substr(text, RLENGTH + 1)
	next
}

state == "remark" {
	if ($0 == " */") {
		print_text(rest)
		state = "code"
		next
	}
	text = $0
	sub(/^ \* /, "", text)
	rest = rest " " text
	next
}

END {
	if (failed)
		exit 1
	if (state != "code")
		fail("a comment or a declaration has no end")
	if (!nr_names)
		fail("nothing is documented")
	end_section()
	print ".Sh SEE ALSO"
	print ".Xr gmem.conf 5 ,"
	print ".Xr gmemctl 8"
}
