# cmake -D BUILD=... -D FLAGS=... -P install_and_train.cmake: installs the engine of the build BUILD into a fresh folder,
# builds the examples against it, and runs the one that trains.
set(PLACE ${BUILD}/examples)
file(REMOVE_RECURSE ${PLACE})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE CODE OUTPUT_VARIABLE OUTPUT ERROR_VARIABLE OUTPUT)
  if(NOT CODE EQUAL 0)
    message(FATAL_ERROR "'${ARGN}' ended with ${CODE}:\n${OUTPUT}")
  endif()
  set(OUTPUT "${OUTPUT}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --component development --prefix ${PLACE}/prefix)
run(${CMAKE_COMMAND} -G Ninja -S ${CMAKE_CURRENT_LIST_DIR} -B ${PLACE}/build -D CMAKE_PREFIX_PATH=${PLACE}/prefix
  "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build ${PLACE}/build)
run(${PLACE}/build/train)
if(NOT OUTPUT MATCHES "\\[64, 32\\]\ntensor")
  message(FATAL_ERROR "the example's hooks printed something else:\n${OUTPUT}")
endif()
