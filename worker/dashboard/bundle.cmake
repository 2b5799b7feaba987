# cmake -DNODE=… -DSOURCE=… -DWEB=… -DEMBED=… -DFILES=… -DTABLE=… -P: the web app bundled, and what the executable gets of it.
file(REMOVE_RECURSE ${WEB}/src ${WEB}/dist)
file(COPY ${SOURCE}/src ${SOURCE}/index.html ${SOURCE}/vite.config.js ${SOURCE}/svelte.config.js ${SOURCE}/tsconfig.json
     DESTINATION ${WEB})
execute_process(COMMAND ${NODE} node_modules/vite/bin/vite.js build --logLevel warn
                WORKING_DIRECTORY ${WEB} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "The dashboard could not be bundled (above).")
endif()
execute_process(COMMAND ${NODE} ${EMBED} ${WEB}/dist ${FILES} ${TABLE} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "The dashboard's files could not be packed (above).")
endif()
