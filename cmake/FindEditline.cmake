# libedit (BSD licence, kept in step with NetBSD's): line editing, history and completion.
find_path(Editline_INCLUDE_DIR editline/readline.h)
find_library(Editline_LIBRARY edit)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Editline REQUIRED_VARS Editline_LIBRARY Editline_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install libedit-dev (Debian, Ubuntu) or libedit (vcpkg)")
if(Editline_FOUND AND NOT TARGET Editline::Editline)
  add_library(Editline::Editline UNKNOWN IMPORTED)
  set_target_properties(Editline::Editline PROPERTIES
    IMPORTED_LOCATION ${Editline_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${Editline_INCLUDE_DIR})
endif()
