# Makes a source file of the page: cmake -DPAGE=page.html -DOUTPUT=page_template.cpp -P EmbedPage.cmake
# Literals are put together from pieces: how long one may be is the compiler's to say.
file(READ ${PAGE} text)
string(LENGTH "${text}" length)
set(pieces "")
set(piece 8000)
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} ${piece} part)
  string(APPEND pieces "R\"~page~(${part})~page~\"\n")
  math(EXPR at "${at} + ${piece}")
endwhile()
file(WRITE ${OUTPUT} "#include \"page_template.hpp\"

namespace paxbank::view {
std::string_view page_template() {
  return ${pieces};
}
}  // namespace paxbank::view
")
