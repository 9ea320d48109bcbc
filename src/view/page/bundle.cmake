# Makes one page of the modules: cmake -DPAGE=<this folder> -DOUTPUT=<page.html> -P bundle.cmake
# A page that is opened from disk cannot import modules. So they are put one behind the other, in an order in
# which each stands after those that it imports, without their lines of import and export. Names at the top of
# a module are therefore unique in all of them (tests/view/page/bundle.test.js). What is left to fill in are
# @HEAD@ and @DATA@.
include(${PAGE}/modules.cmake)

set(script "")
foreach(module IN LISTS PAGE_MODULES)
  file(READ ${PAGE}/${module} text)
  string(REGEX REPLACE "(^|\n)import [^;]*;" "\\1" text "${text}")
  string(REGEX REPLACE "(^|\n)export " "\\1" text "${text}")
  string(APPEND script "// ${module}\n${text}\n")
endforeach()
set(script "\n(() => {\n\"use strict\";\n${script}})();\n")
file(READ ${PAGE}/style.css style)

# What the page may run is this script and this style, by their hashes: nothing that somebody might get into it.
function(csp_hash text result)
  string(SHA256 hex "${text}")
  set(letters ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  set(base64 "")
  string(APPEND hex 00)  # 32 bytes are 10 groups of three and two bytes
  foreach(group RANGE 10)
    math(EXPR at "${group} * 6")
    string(SUBSTRING ${hex} ${at} 6 three)
    foreach(shift 18 12 6 0)
      math(EXPR letter "(0x${three} >> ${shift}) & 63")
      string(SUBSTRING ${letters} ${letter} 1 letter)
      string(APPEND base64 ${letter})
    endforeach()
  endforeach()
  string(SUBSTRING ${base64} 0 43 base64)
  set(${result} "'sha256-${base64}='" PARENT_SCOPE)
endfunction()

csp_hash("${script}" script_hash)
csp_hash("${style}" style_hash)
file(READ ${PAGE}/index.html page)
string(REPLACE "@SCRIPT_HASH@" "${script_hash}" page "${page}")
string(REPLACE "@STYLE_HASH@" "${style_hash}" page "${page}")
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@SCRIPT@" "${script}" page "${page}")
file(WRITE ${OUTPUT} "${page}")
