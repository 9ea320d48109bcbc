# What `cmake --install` brings, and `cpack -G DEB` packs: the program without its symbols, the manual page,
# completion, the licence, the sample files.
include(GNUInstallDirs)

install(CODE "set(CMAKE_INSTALL_DO_STRIP TRUE)")
install(TARGETS paxbank)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(DIRECTORY data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/paxbank)
install(FILES src/completion/paxbank.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME paxbank)
install(FILES src/completion/_paxbank DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

# The manual page is what --help says.
find_program(HELP2MAN help2man)
if(HELP2MAN)
  set(page ${CMAKE_CURRENT_BINARY_DIR}/paxbank.1)
  add_custom_command(OUTPUT ${page}
    COMMAND ${HELP2MAN} --no-info --name=${PROJECT_DESCRIPTION} --output=${page} $<TARGET_FILE:paxbank>
    DEPENDS paxbank VERBATIM)
  add_custom_target(manual ALL DEPENDS ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()

set(CPACK_PACKAGE_CONTACT "the paxbank authors <paxbank@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
if(DPKG_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)
