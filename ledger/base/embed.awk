# Writes the table of embed.h: the files named on the command line as C strings.
BEGIN { print "#include \"ledger/base/embed.h\"\n\nconst struct embedded embedded_files[] = {" }
FNR == 1 { if (NR > 1) print "\t},"; printf "\t{\"%s\",\n", FILENAME }
{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "\t\t\"%s\\n\"\n", $0 }
END { if (NR > 0) print "\t},"; print "\t{NULL, NULL},\n};" }
