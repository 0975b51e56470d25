# lint.sh: what the checks in scripts/lint.d share.  Sourced, not run.

# sources PATHSPEC ...: tracked and new files, NUL between them.
sources() { git ls-files -z --cached --others --exclude-standard -- "$@"; }

# search REGEX PATHSPEC ...: lines of code that match, comments and C strings left out; true if any.
search() { local regex=$1; shift; sources "$@" | perl scripts/lib/search.pl "$regex"; }
