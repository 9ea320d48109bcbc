# cpp-httplib. Debian splits it into a header and a library, which has all that the header can leave out;
# elsewhere it is the header alone.
find_path(Httplib_INCLUDE_DIR httplib.h)
find_library(Httplib_LIBRARY cpp-httplib)
if(Httplib_INCLUDE_DIR)
  file(STRINGS ${Httplib_INCLUDE_DIR}/httplib.h Httplib_VERSION_LINE REGEX "define CPPHTTPLIB_VERSION ")
  string(REGEX MATCH "[0-9.]+" Httplib_VERSION "${Httplib_VERSION_LINE}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Httplib REQUIRED_VARS Httplib_INCLUDE_DIR VERSION_VAR Httplib_VERSION
  REASON_FAILURE_MESSAGE "install libcpp-httplib-dev (Debian, Ubuntu) or cpp-httplib (vcpkg)")
if(Httplib_FOUND AND NOT TARGET Httplib::Httplib)
  add_library(Httplib::Httplib INTERFACE IMPORTED)
  set_target_properties(Httplib::Httplib PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${Httplib_INCLUDE_DIR})
  target_link_libraries(Httplib::Httplib INTERFACE Threads::Threads)
  if(Httplib_LIBRARY)
    target_link_libraries(Httplib::Httplib INTERFACE ${Httplib_LIBRARY})
    target_compile_definitions(Httplib::Httplib INTERFACE
      CPPHTTPLIB_OPENSSL_SUPPORT CPPHTTPLIB_ZLIB_SUPPORT CPPHTTPLIB_BROTLI_SUPPORT)
  endif()
endif()
