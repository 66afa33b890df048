# SPDX-License-Identifier: GPL-2.0
# Make the completion of bash out of the tables.
BEGIN { FS = "\t" }

$1 == "verb" {
	names = names (names == "" ? "" : " ") $2
	verbs[++nr_verbs] = $2
	operand[$2] = $4
}

$1 == "option" {
	words[$2] = words[$2] (words[$2] == "" ? "" : " ") "--" $5 \
		($6 == "-" ? "" : "=")
	if ($4 != "-")
		words[$2] = words[$2] " -" $4
	if ($6 != "-")
		kinds[$2] = kinds[$2] "\t\t" "--" $5 \
			($4 == "-" ? "" : "|-" $4) ") kind=" $7 " ;;\n"
}

$1 == "column" && !(($2, $4) in seen) {
	seen[$2, $4] = 1
	columns[$2] = columns[$2] (columns[$2] == "" ? "" : " ") tolower($4)
}

END {
	print "# Completion of gmemctl for bash; made from the program's own tables."
	print "_gmemctl_words()"
	print "{"
	print "\tlocal IFS=$' \\t\\n' list="
	print "\t# Lists: what comes before the last comma stays."
	print "\tif [[ $1 == lists && $cur == *,* ]]; then"
	print "\t\tlist=${cur%,*},"
	print "\t\tcur=${cur##*,}"
	print "\tfi"
	print "\tCOMPREPLY=($(compgen -P \"$list\" -W \"$2\" -- \"$cur\"))"
	print "}"
	print ""
	print "_gmemctl()"
	print "{"
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} kind= i"
	print "\tlocal prev=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}"
	print "\tlocal words= operand=none columns="
	print ""
	print "\tCOMPREPLY=()"
	print "\tif ((COMP_CWORD == 1)); then"
	print "\t\t_gmemctl_words one \"" names "\""
	print "\t\treturn"
	print "\tfi"
	print "\t# --node=1 is three words."
	print "\tif [[ $cur == = ]]; then"
	print "\t\tcur="
	print "\telif [[ $prev == = ]] && ((COMP_CWORD > 2)); then"
	print "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}"
	print "\tfi"
	print "\tcase $verb in"
	for (i = 1; i <= nr_verbs; i++) {
		verb = verbs[i]
		print "\t" verb ")"
		print "\t\twords='" words[verb] "'"
		print "\t\toperand=" operand[verb]
		if (columns[verb] != "")
			print "\t\tcolumns='" columns[verb] "'"
		if (kinds[verb] != "") {
			print "\t\tcase $prev in"
			printf "%s", kinds[verb]
			print "\t\tesac"
		}
		print "\t\t;;"
	}
	print "\tesac"
	print "\tif [[ -z $kind && $cur == -* ]]; then"
	print "\t\t_gmemctl_words one \"$words\""
	print "\t\t[[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null"
	print "\t\treturn 0"
	print "\tfi"
	print "\tcase ${kind:-$operand} in"
	print "\tpools)"
	print "\t\t_gmemctl_words lists \"$(\"${COMP_WORDS[0]}\" list --names 2>/dev/null)\" ;;"
	print "\tdevices)"
	print "\t\t_gmemctl_words one \"$(\"${COMP_WORDS[0]}\" list -D -o device -r --noheadings 2>/dev/null)\" ;;"
	print "\tmodes)"
	print "\t\t_gmemctl_words one \"gmem devdax system-ram\" ;;"
	print "\tnodes)"
	print "\t\t_gmemctl_words lists \"$(cd /sys/devices/system/node 2>/dev/null &&"
	print "\t\t\tfor i in node[0-9]*; do echo \"${i#node}\"; done)\" ;;"
	print "\tcolumns)"
	print "\t\t_gmemctl_words lists \"$columns\" ;;"
	print "\tverbs)"
	print "\t\t_gmemctl_words one \"" names "\" ;;"
	print "\tfiles)"
	print "\t\tcompopt -o filenames 2>/dev/null"
	print "\t\tCOMPREPLY=($(compgen -f -- \"$cur\")) ;;"
	print "\tdirs)"
	print "\t\tcompopt -o filenames 2>/dev/null"
	print "\t\tCOMPREPLY=($(compgen -d -- \"$cur\")) ;;"
	print "\tesac"
	print "}"
	print ""
	print "complete -F _gmemctl gmemctl"
}
