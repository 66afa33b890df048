# SPDX-License-Identifier: GPL-2.0
# Make the completion of zsh out of the tables.
BEGIN { FS = "\t" }

# In a specification of _arguments, inside single quotes.
function quote(text)
{
	gsub(/'/, "'\\''", text)
	gsub(/\\/, "\\\\", text)
	gsub(/:/, "\\:", text)
	gsub(/\[/, "\\[", text)
	gsub(/\]/, "\\]", text)
	return text
}

function action(kind)
{
	if (kind == "pools")
		return "_gmemctl_pools"
	if (kind == "devices")
		return "_gmemctl_devices"
	if (kind == "modes")
		return "(gmem devdax system-ram)"
	if (kind == "nodes")
		return "_gmemctl_nodes"
	if (kind == "columns")
		return "_gmemctl_columns"
	if (kind == "verbs")
		return "_gmemctl_verbs"
	if (kind == "files")
		return "_files"
	if (kind == "dirs")
		return "_files -/"
	return " "
}

$1 == "verb" {
	verbs[++nr_verbs] = $2
	summary[$2] = $5
	sub(/[.]$/, "", summary[$2])
	if ($3 != "-")
		operand[$2] = "'*:" quote(tolower($3)) ":" action($4) "'"
}

$1 == "option" {
	value = $6 == "-" ? "" : ":" quote($6) ":" action($7)
	text = "[" quote($8) "]" value
	name = "--" $5 ($6 == "-" ? "" : "=")
	if ($4 == "-")
		spec = "'" name text "'"
	else
		spec = "'(-" $4 " --" $5 ")'{-" $4 ($6 == "-" ? "" : "+") "," \
			name "}'" text "'"
	specs[$2] = specs[$2] " \\\n\t\t\t" spec
}

$1 == "column" && !(($2, $4) in seen) {
	seen[$2, $4] = 1
	columns[$2] = columns[$2] " " tolower($4)
}

END {
	print "#compdef gmemctl"
	print "# Completion of gmemctl for zsh; made from the program's own tables."
	print ""
	print "_gmemctl_pools() { _values -s , pool ${(f)\"$(gmemctl list --names 2>/dev/null)\"} }"
	print "_gmemctl_devices() { _values device ${(f)\"$(gmemctl list -D -o device -r --noheadings 2>/dev/null)\"} }"
	print "_gmemctl_nodes() { _values -s , node /sys/devices/system/node/node<->(N:t:s/node//) }"
	print "_gmemctl_columns() { _values -s , column $columns }"
	print "_gmemctl_verbs()"
	print "{"
	print "\tlocal -a verbs=("
	for (i = 1; i <= nr_verbs; i++)
		print "\t\t'" verbs[i] ":" quote(summary[verbs[i]]) "'"
	print "\t)"
	print "\t_describe verb verbs"
	print "}"
	print ""
	print "_gmemctl()"
	print "{"
	print "\tlocal -a columns"
	print ""
	print "\tif ((CURRENT == 2)); then"
	print "\t\t_gmemctl_verbs"
	print "\t\treturn"
	print "\tfi"
	print "\tshift words"
	print "\t((CURRENT--))"
	print "\tcase $words[1] in"
	for (i = 1; i <= nr_verbs; i++) {
		verb = verbs[i]
		print "\t" verb ")"
		if (columns[verb] != "")
			print "\t\tcolumns=(" substr(columns[verb], 2) ")"
		print "\t\t_arguments -s" specs[verb] \
			(verb in operand ? " \\\n\t\t\t" operand[verb] : "")
		print "\t\t;;"
	}
	print "\tesac"
	print "}"
	print ""
	print "_gmemctl \"$@\""
}
