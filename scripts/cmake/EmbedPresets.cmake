# embed_presets(FOLDER OUTPUT): writes a source file that holds every FOLDER/*.toml, so that an
# installed program needs no files beside it. Regenerated when one of them changes.
function(embed_presets folder output)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.toml)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(entries "")
  foreach(file IN LISTS files)
    cmake_path(GET file STEM name)
    file(READ ${file} text)
    string(APPEND entries "    {\"${name}\", R\"preset(${text})preset\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
"// Made by CMake from docs/presets.
#include \"cli/args/presets.h\"

namespace styletransfer::cli {

const std::vector<Preset>& presets() {
  static const std::vector<Preset> kPresets{
@entries@  };
  return kPresets;
}

}  // namespace styletransfer::cli
")
endfunction()
