// Node-API: the instruction sets that this processor runs, their kernels, and a function that runs them on a memory.
//   table: number                              fingerprint of the kernel table
//   instructionSets: string[]                  best first
//   shareBytes(set, kernel: number, Int32Array): number
//   bind(set, memory: Uint8Array): (list, from, to, thread, threads, spins) => boolean
//   sampling(set): {
//     draw(words: Uint32Array, threshold: Uint32Array, alias: Int32Array, out: Int32Array): void
//     merge(samples: Int32Array, place: Int32Array, items: Int32Array, counts: Float32Array): boolean
//   }                                          words: two of the key, then words 1 to 3 of the counter
//   guard(memory: Uint8Array, ranges: Int32Array): void   only with AddressSanitizer
// What `bind` returns runs a thread's share of a list of calls; worker/bind-kernels.d.mts documents it. The memory must
// never move: it is a WebAssembly memory that does not grow. Whoever holds the function must hold the memory. Nothing is kept
// beside the function, so every thread loads and binds for itself.
#define NAPI_VERSION 8
#include "kernel.h"
#include "generated/constants.h"
#include <node_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

typedef struct {
  const char *name;
  const KernelSet *kernels;
  bool (*runs_here)(void);
} InstructionSet;

#ifdef HAS_AVX512
static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
}
#endif
#ifdef HAS_AVX2
static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#endif
#ifdef HAS_NEON
static bool has_neon(void) { return true; }
#endif

/** Best first. */
static const InstructionSet sets[] = {
#ifdef HAS_AVX512
    {"avx512", &kernels_avx512, has_avx512},
#endif
#ifdef HAS_AVX2
    {"avx2", &kernels_avx2, has_avx2},
#endif
#ifdef HAS_NEON
    {"neon", &kernels_neon, has_neon},
#endif
};
#define SETS (sizeof sets / sizeof *sets)

static napi_value fail(napi_env env, const char *message) {
  napi_throw_type_error(env, NULL, message);
  return NULL;
}

/** The set of a name, if this processor runs it. */
static const InstructionSet *set_of(napi_env env, napi_value value) {
  char name[64];
  size_t length;
  if (napi_get_value_string_utf8(env, value, name, sizeof name, &length) != napi_ok) return NULL;
  for (size_t i = 0; i < SETS; i++)
    if (strcmp(sets[i].name, name) == 0 && sets[i].runs_here()) return &sets[i];
  return NULL;
}

static bool read_array(napi_env env, napi_value value, napi_typedarray_type wanted, size_t *length, void **data) {
  napi_typedarray_type type;
  return napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) == napi_ok && type == wanted;
}

static napi_value share_bytes_of(napi_env env, napi_callback_info info) {
  size_t argc = 3, length = 0;
  napi_value argv[3], result;
  void *given = NULL;
  int32_t kernel;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  const InstructionSet *set = argc == 3 ? set_of(env, argv[0]) : NULL;
  if (!set || napi_get_value_int32(env, argv[1], &kernel) != napi_ok ||
      !read_array(env, argv[2], napi_int32_array, &length, &given) || length < 5)
    return fail(env, "shareBytes: expected an instruction set of this processor, a kernel's number and five numbers");
  napi_create_int64(env, set->kernels->share_bytes(kernel, given), &result);
  return result;
}

/** A memory and its kernels. */
typedef struct {
  char *base;
  const KernelSet *kernels;
} Binding;

static napi_value run(napi_env env, napi_callback_info info) {
  size_t argc = 6;
  napi_value argv[6], result;
  void *data;
  uint32_t list;
  int32_t given[5];
  napi_get_cb_info(env, info, &argc, argv, NULL, &data);
  napi_get_value_uint32(env, argv[0], &list);
  for (int i = 0; i < 5; i++) napi_get_value_int32(env, argv[i + 1], &given[i]);
  const Binding *binding = data;
  const bool done = binding->kernels->run(binding->base, (const uint32_t *)(binding->base + list), given[0], given[1],
                                          (Thread){given[2], given[3], given[4]});
  napi_get_boolean(env, done, &result);
  return result;
}

static void release(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  free(data);
}

/** Asks for pages of 2 MiB: rows of a table are reached at random, each through an address translation of its own. */
static void use_large_pages(char *memory, size_t bytes) {
#ifdef __linux__
  const uintptr_t from = ((uintptr_t)memory + 4095) & ~(uintptr_t)4095;
  const uintptr_t to = ((uintptr_t)memory + bytes) & ~(uintptr_t)4095;
  if (to > from) madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
  (void)memory, (void)bytes;
#endif
}

static napi_value bind(napi_env env, napi_callback_info info) {
  size_t argc = 2, bytes;
  napi_value argv[2], function;
  void *memory;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  const InstructionSet *set = argc == 2 ? set_of(env, argv[0]) : NULL;
  if (!set || !read_array(env, argv[1], napi_uint8_array, &bytes, &memory))
    return fail(env, "bind: expected an instruction set of this processor and a Uint8Array");
  Binding *binding = malloc(sizeof *binding);
  if (!binding) return fail(env, "bind: no memory");
  *binding = (Binding){memory, set->kernels};
  use_large_pages(memory, bytes);
  if (napi_create_function(env, "native", NAPI_AUTO_LENGTH, run, binding, &function) != napi_ok) {
    free(binding);
    return fail(env, "bind: no function");
  }
  napi_add_finalizer(env, function, binding, release, NULL, NULL);
  return function;
}

static void add_function(napi_env env, napi_value object, const char *name, napi_callback callback, const void *data) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, (void *)data, &function);
  napi_set_named_property(env, object, name, function);
}

/** Reads four typed arrays. */
static bool read_arrays(napi_env env, napi_callback_info info, const napi_typedarray_type types[4], size_t lengths[4],
                        void *arrays[4], void **data) {
  size_t argc = 4;
  napi_value argv[4];
  napi_get_cb_info(env, info, &argc, argv, NULL, data);
  for (size_t i = 0; i < 4; i++)
    if (argc < 4 || !read_array(env, argv[i], types[i], &lengths[i], &arrays[i])) return false;
  return true;
}

static napi_value draw(napi_env env, napi_callback_info info) {
  const napi_typedarray_type types[] = {napi_uint32_array, napi_uint32_array, napi_int32_array, napi_int32_array};
  size_t lengths[4];
  void *arrays[4], *sampling;
  if (!read_arrays(env, info, types, lengths, arrays, &sampling) || lengths[0] != 5 || lengths[1] == 0 ||
      lengths[1] != lengths[2])
    return fail(env, "draw: expected five words, an alias table and an Int32Array");
  const uint32_t *words = arrays[0];
  const AliasTable table = {arrays[1], arrays[2], (uint32_t)lengths[1]};
  ((const KernelSet *)sampling)->draw(words, words + 2, table, arrays[3], (ptrdiff_t)lengths[3]);
  return NULL;
}

static napi_value merge(napi_env env, napi_callback_info info) {
  const napi_typedarray_type types[] = {napi_int32_array, napi_int32_array, napi_int32_array, napi_float32_array};
  size_t lengths[4];
  void *arrays[4], *sampling;
  if (!read_arrays(env, info, types, lengths, arrays, &sampling) || lengths[2] == 0 || lengths[2] != lengths[3])
    return fail(env, "merge: expected samples, places, and items and counts of one length");
  const Places places = {arrays[1], (uint32_t)lengths[1]};
  const DistinctItems to = {arrays[2], arrays[3], (uint32_t)lengths[2]};
  napi_value result;
  napi_get_boolean(env, ((const KernelSet *)sampling)->merge(arrays[0], (ptrdiff_t)lengths[0], places, to) >= 0, &result);
  return result;
}

static napi_value sampling_of(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1], object;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  const InstructionSet *set = argc == 1 ? set_of(env, argv[0]) : NULL;
  if (!set) return fail(env, "sampling: expected an instruction set of this processor");
  napi_create_object(env, &object);
  add_function(env, object, "draw", draw, set->kernels);
  add_function(env, object, "merge", merge, set->kernels);
  return object;
}

#ifdef __SANITIZE_ADDRESS__
/** guard(memory: Uint8Array, ranges: Int32Array): forbids the memory, apart from ranges of a start and a number of bytes. */
static napi_value guard(napi_env env, napi_callback_info info) {
  size_t argc = 2, bytes, count;
  napi_value argv[2];
  void *memory, *ranges;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (argc != 2 || !read_array(env, argv[0], napi_uint8_array, &bytes, &memory) ||
      !read_array(env, argv[1], napi_int32_array, &count, &ranges))
    return fail(env, "guard: expected a Uint8Array and an Int32Array");
  ASAN_POISON_MEMORY_REGION(memory, bytes);
  for (const int32_t *range = ranges, *end = range + count; range < end; range += 2)
    ASAN_UNPOISON_MEMORY_REGION((char *)memory + range[0], (size_t)range[1]);
  return NULL;
}
#endif

NAPI_MODULE_INIT() {
  napi_value names, name, table;
#if defined(HAS_AVX2)
  __builtin_cpu_init();
#endif
  napi_create_array(env, &names);
  for (size_t i = 0, n = 0; i < SETS; i++) {
    if (!sets[i].runs_here()) continue;
    napi_create_string_utf8(env, sets[i].name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, (uint32_t)n++, name);
  }
  napi_set_named_property(env, exports, "instructionSets", names);
  napi_create_int32(env, TABLE, &table);
  napi_set_named_property(env, exports, "table", table);
  add_function(env, exports, "shareBytes", share_bytes_of, NULL);
  add_function(env, exports, "bind", bind, NULL);
  add_function(env, exports, "sampling", sampling_of, NULL);
#ifdef __SANITIZE_ADDRESS__
  add_function(env, exports, "guard", guard, NULL);
#endif
  return exports;
}
