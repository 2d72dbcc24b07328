# Run by cmake --install: the man page and the completion scripts, made by the program itself from
# its flag table. Takes `program` and `folder`.
function(make_shell_file name)
  execute_process(COMMAND ${program} ${ARGN} OUTPUT_FILE ${folder}/${name} RESULT_VARIABLE problem)
  if(NOT problem EQUAL 0)
    message(FATAL_ERROR "${program} ${ARGN} failed: ${problem}")
  endif()
endfunction()

make_shell_file(styletransfer.1 man)
make_shell_file(styletransfer.bash completions bash)
make_shell_file(_styletransfer completions zsh)
make_shell_file(styletransfer.fish completions fish)
