# embed_page(FILE OUTPUT): writes a source file that holds the report's page. Regenerated when
# the page changes.
function(embed_page file output)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text HEX)
  string(LENGTH "${text}" length)
  set(pieces "")
  set(start 0)
  while(start LESS length)
    string(SUBSTRING "${text}" ${start} 4000 piece)
    string(REGEX REPLACE "(..)" "\\\\x\\1" piece "${piece}")
    string(APPEND pieces "      \"${piece}\"\n")
    math(EXPR start "${start} + 4000")
  endwhile()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
"// Made by CMake from src/cli/report/report_page.html.
#include \"cli/report/page_template.h\"

namespace styletransfer::cli {

std::string page_template() {
  return
@pieces@      ;
}

}  // namespace styletransfer::cli
")
endfunction()
