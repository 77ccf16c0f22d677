# Most of a start is the dynamic linker's: libarchive.so alone asks for twelve more libraries, among them libxml2 with ICU and
# the C++ library. What has a static archive is taken from there and, with --as-needed, no longer loaded. What decodes pictures
# stays shared, so that the system's security updates reach it.
foreach(name archive lzma zstd lz4 bz2 crypto jansson xxhash expat yajl_s)
  find_library(NOFADE_STATIC_${name} lib${name}.a)
  mark_as_advanced(NOFADE_STATIC_${name})
  if(NOFADE_STATIC_${name})
    list(APPEND static_archives ${NOFADE_STATIC_${name}})
  else()
    list(APPEND static_missing lib${name}.a)
  endif()
endforeach()
find_library(NOFADE_NETTLE nettle)
if(static_missing OR NOT NOFADE_NETTLE)
  message(WARNING "NOFADE_FAST_START: without ${static_missing} all libraries stay shared")
else()
  target_link_libraries(nofade PRIVATE ${static_archives} ${NOFADE_NETTLE})
  # libarchive's list of all formats names xar, the one that needs libxml2. Nothing here asks for it.
  target_link_options(nofade PRIVATE LINKER:--as-needed
                      LINKER:--defsym=archive_read_support_format_xar=archive_read_support_format_raw)
endif()
