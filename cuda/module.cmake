# The kernels as bytes of the program, ${cuda_module}: a C file with the table nf_cuda_module (device_internal.h).
#
# nvcc makes code for sm_75 to sm_90 and PTX for what comes after; clang makes PTX for sm_75, which the driver compiles for its
# device at the first use; with neither (or NOFADE_CUDA=OFF) the table is empty and `--device cuda` says so. Nothing is linked.
set(NOFADE_CUDA AUTO CACHE STRING "kernels for CUDA devices: AUTO (where nvcc or clang is found), ON or OFF")
set_property(CACHE NOFADE_CUDA PROPERTY STRINGS AUTO ON OFF)
set(cuda_command)
set(cuda_sources ${PROJECT_SOURCE_DIR}/cuda/kernels.cu ${PROJECT_SOURCE_DIR}/cuda/kernels.h ${CMAKE_CURRENT_LIST_FILE})

# Does the compiler make something of the kernels? Cached, by its path.
function(nofade_cuda_try compiler image result)
  string(MAKE_C_IDENTIFIER "NOFADE_CUDA_WORKS_${compiler}" works)
  if(NOT DEFINED ${works})
    execute_process(COMMAND ${compiler} ${ARGN} -o ${image} RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE why)
    if(failed)
      message(STATUS "CUDA: ${compiler} does not compile the kernels: ${why}")
      set(${works} FALSE CACHE INTERNAL "")
    else()
      set(${works} TRUE CACHE INTERNAL "")
    endif()
  endif()
  set(${result} ${${works}} PARENT_SCOPE)
endfunction()

if(NOFADE_CUDA)
  find_package(CUDAToolkit QUIET)
  find_program(NOFADE_CLANG NAMES clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14)
  # Neither fused multiply-add (as in the rest of the program) nor contraction: a device gives the host's bits.
  set(nvcc_options -fatbin -O3 -fmad=false -I${PROJECT_SOURCE_DIR} -gencode arch=compute_90,code=compute_90)
  foreach(architecture 75 80 86 89 90)
    list(APPEND nvcc_options -gencode arch=compute_${architecture},code=sm_${architecture})
  endforeach()
  list(APPEND nvcc_options ${PROJECT_SOURCE_DIR}/cuda/kernels.cu)
  set(clang_options -x cuda --cuda-device-only --cuda-gpu-arch=sm_75 -nocudainc -nocudalib -Wno-unknown-cuda-version -O2
      -ffp-contract=off -S -I${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/cuda/kernels.cu)
  if(CUDAToolkit_NVCC_EXECUTABLE)
    set(cuda_image ${PROJECT_BINARY_DIR}/kernels.fatbin)
    nofade_cuda_try(${CUDAToolkit_NVCC_EXECUTABLE} ${cuda_image} works ${nvcc_options})
    if(works)
      set(cuda_command ${CUDAToolkit_NVCC_EXECUTABLE} ${nvcc_options})
    endif()
  endif()
  if(NOT cuda_command AND NOFADE_CLANG)
    set(cuda_image ${PROJECT_BINARY_DIR}/kernels.ptx)
    nofade_cuda_try(${NOFADE_CLANG} ${cuda_image} works ${clang_options})
    if(works)
      set(cuda_command ${NOFADE_CLANG} ${clang_options})
    endif()
  endif()
  if(NOT cuda_command AND NOT NOFADE_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "NOFADE_CUDA=ON needs nvcc, or clang with its NVPTX back end")
  endif()
endif()

# A module of its own name for each kind, so that a build that is configured anew does not keep the one it had.
if(cuda_command)
  list(GET cuda_command 0 compiler)
  message(STATUS "CUDA: kernels by ${compiler}")
  set(cuda_module ${cuda_image}.c)
  add_custom_command(OUTPUT ${cuda_image} DEPENDS ${cuda_sources} COMMAND ${cuda_command} -o ${cuda_image} VERBATIM)
else()
  message(STATUS "CUDA: no kernels")
  set(cuda_module ${PROJECT_BINARY_DIR}/no_kernels.c)
  set(cuda_image)
endif()
add_custom_command(OUTPUT ${cuda_module} DEPENDS scripts/embed.cmake ${cuda_image} VERBATIM
                   COMMAND ${CMAKE_COMMAND} -DOUT=${cuda_module} -DROOT=${PROJECT_BINARY_DIR} -DTABLE=nf_cuda_module -P
                           ${PROJECT_SOURCE_DIR}/scripts/embed.cmake ${cuda_image})
