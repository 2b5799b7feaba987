# cmake -DNPM=… -DSOURCE=… -DWEB=… -DWITH_DEV=… -P: what the web app is built with, from the npm registry into the build directory.
file(MAKE_DIRECTORY ${WEB})
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${WEB})
set(omit --omit=dev)
if(WITH_DEV)
  set(omit)
endif()
# No package's own scripts are run: nothing here needs one.
execute_process(COMMAND ${NPM} ci ${omit} --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
                        --fetch-retries=2 --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=10000
                WORKING_DIRECTORY ${WEB} RESULT_VARIABLE status OUTPUT_VARIABLE log ERROR_VARIABLE log)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${log}\nThe dashboard is built with packages from the npm registry, and `npm ci` could not install them "
                      "(above). Is the registry reachable from here? Configured with -DWOMBAT_DASHBOARD=OFF, Wombat is built "
                      "without the dashboard and without npm.")
endif()
file(TOUCH ${WEB}/packages.stamp)
