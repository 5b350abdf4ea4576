# SPDX-License-Identifier: Apache-2.0
# Options from Kconfig: reads the configuration, writes headers for the sources into FOLDER, sets CONFIG_… for the caller.
# A change of the options configures anew, and what is compiled anew is only what includes a header that differs.
function(trivisor_options config folder)
  set(script ${PROJECT_SOURCE_DIR}/cmake/make_options.py)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script} ${PROJECT_SOURCE_DIR}/Kconfig ${config})
  execute_process(
    COMMAND /usr/bin/python3 ${script} ${PROJECT_SOURCE_DIR}/Kconfig ${config} ${folder}
    RESULT_VARIABLE status ERROR_VARIABLE problem)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "The options cannot be used:\n${problem}")
  endif()
  include(${folder}/options.cmake)
  get_directory_property(names VARIABLES)
  foreach(name ${names})
    if(name MATCHES "^CONFIG_")
      set(${name} "${${name}}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()
