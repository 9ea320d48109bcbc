# The page of `paxbank view`: one file made of its modules (PAXBANK_PAGE), and the C++ source that holds it
# (PAXBANK_PAGE_SOURCE).
set(page_folder ${PROJECT_SOURCE_DIR}/src/view/page)
include(${page_folder}/modules.cmake)
list(TRANSFORM PAGE_MODULES PREPEND ${page_folder}/ OUTPUT_VARIABLE page_modules)
set(PAXBANK_PAGE ${PROJECT_BINARY_DIR}/page.html)
set(PAXBANK_PAGE_SOURCE ${PROJECT_BINARY_DIR}/page_template.cpp)
add_custom_command(
  OUTPUT ${PAXBANK_PAGE} ${PAXBANK_PAGE_SOURCE}
  COMMAND ${CMAKE_COMMAND} -DPAGE=${page_folder} -DOUTPUT=${PAXBANK_PAGE} -DSOURCE=${PAXBANK_PAGE_SOURCE}
          -P ${page_folder}/bundle.cmake
  DEPENDS ${page_modules} ${page_folder}/index.html ${page_folder}/style.css ${page_folder}/bundle.cmake
          ${page_folder}/modules.cmake
  COMMENT "Making the page of its modules"
  VERBATIM)
