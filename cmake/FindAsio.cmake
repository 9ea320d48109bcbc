# Standalone Asio: header-only, and Debian's package brings no CMake file.
find_path(Asio_INCLUDE_DIR asio.hpp)
if(Asio_INCLUDE_DIR AND EXISTS ${Asio_INCLUDE_DIR}/asio/version.hpp)
  file(STRINGS ${Asio_INCLUDE_DIR}/asio/version.hpp Asio_VERSION_LINE REGEX "define ASIO_VERSION ")
  string(REGEX MATCH "[0-9]+" Asio_NUMBER "${Asio_VERSION_LINE}")
  math(EXPR Asio_MAJOR "${Asio_NUMBER} / 100000")
  math(EXPR Asio_MINOR "${Asio_NUMBER} / 100 % 1000")
  set(Asio_VERSION ${Asio_MAJOR}.${Asio_MINOR})
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Asio REQUIRED_VARS Asio_INCLUDE_DIR VERSION_VAR Asio_VERSION
  REASON_FAILURE_MESSAGE "install libasio-dev (Debian, Ubuntu) or asio (vcpkg)")
if(Asio_FOUND AND NOT TARGET Asio::Asio)
  add_library(Asio::Asio INTERFACE IMPORTED)
  set_target_properties(Asio::Asio PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${Asio_INCLUDE_DIR})
  # Whether Asio sees std::aligned_alloc depends on what was included before it: in every file the same, or
  # one file's memory is given back by the other's way.
  target_compile_definitions(Asio::Asio INTERFACE
    ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_DISABLE_STD_ALIGNED_ALLOC)
  target_link_libraries(Asio::Asio INTERFACE Threads::Threads)
endif()
