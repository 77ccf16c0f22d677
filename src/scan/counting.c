#include "scan/counting.h"

#include <stdlib.h>
#include <string.h>

#include "metrics/backend.h"
#include "metrics/entropy.h"
#include "scan/batch_device.h"

enum { RAW_IMAGES_AT_A_TIME = 32 /* they are quick */ };

/* One image's bytes, unpacked. */
typedef struct image_bytes {
    const uint8_t *data, *map;
} image_bytes;

static void count_raw(const uint8_t *pixels, nf_slot *slot)
{
    const nf_backend *backend = nf_backend_cpu();
    size_t n_px = (size_t)slot->decoded.w_px * slot->decoded.h_px;
    memset(slot->decoded.counts, 0, sizeof slot->decoded.counts);
    if (slot->format == NF_PIXELS_GREY8)
        backend->count_grey(pixels, n_px, slot->decoded.counts);
    else
        backend->count_planar(pixels, pixels + n_px, pixels + 2 * n_px, n_px, slot->decoded.counts);
}

static void fail(nf_slot *slot, nf_status status, const nf_error *fault)
{
    slot->n_bytes = 0;
    slot->decoded.failure = status == NF_ERR_NOMEM ? NF_FAILURE_NO_MEMORY : NF_FAILURE_DAMAGED;
    strncpy(slot->decoded.reason, fault->message, sizeof slot->decoded.reason - 1);
    slot->decoded.reason[sizeof slot->decoded.reason - 1] = '\0';
}

/* Finds the image's bytes. What is wrong with them counts for more than what its name is known for. */
static image_bytes unpack(nf_counting *counting, unsigned worker, const nf_batch *batch, nf_slot *slot)
{
    nf_unpacker **unpacker = &counting->unpackers[worker];
    nf_error fault = {0};
    nf_status status = NF_OK;
    image_bytes bytes = {.data = batch->bytes.data + slot->offset};
    bytes.map = bytes.data + slot->n_stored;
    if (!slot->packed.is_packed)
        return bytes;
    if (*unpacker == NULL)
        status = nf_unpacker_new(unpacker, &fault);
    if (status == NF_OK)
        status = nf_unpack(*unpacker, bytes.data, slot->n_stored, &slot->packed, &bytes.data, &slot->n_bytes, &fault);
    if (status != NF_OK)
        fail(slot, status, &fault);
    return bytes;
}

/* A worker's share: writes only its own slot. */
static void count_slot(nf_counting *counting, unsigned worker, const nf_batch *batch, nf_slot *slot)
{
    const image_bytes bytes = unpack(counting, worker, batch, slot);
    nf_decoded *decoded = &slot->decoded;
    if (decoded->failure != NF_FAILURE_NONE)
        decoded->verdict = NF_IMAGE_FAILED;
    else if (slot->n_map_bytes > 0)
        nf_decode_classes(bytes.data, slot->n_bytes, bytes.map, slot->n_map_bytes, &counting->decode, decoded, &slot->classes);
    else if (slot->format == NF_PIXELS_ENCODED)
        nf_decode(bytes.data, slot->n_bytes, &counting->decode, decoded);
    else {
        decoded->verdict = NF_IMAGE_OK;
        decoded->mode = slot->format == NF_PIXELS_GREY8 ? NF_MODE_GREY : NF_MODE_RGB;
        decoded->kind = "";
        if (batch->device != NF_BATCH_COUNTED)
            count_raw(bytes.data, slot);
    }
    if (decoded->verdict == NF_IMAGE_FAILED)
        return;
    slot->q = nf_entropy_quantised(decoded->counts);
    nf_mark_image(bytes.data, slot->n_bytes, decoded, slot->q, &slot->marks);
}

static void leave_uncounted(nf_slot *slot)
{
    slot->decoded.verdict = slot->decoded.failure != NF_FAILURE_NONE ? NF_IMAGE_FAILED : NF_IMAGE_OK;
    memset(slot->decoded.counts, 0, sizeof slot->decoded.counts);
    slot->q = 0;
    slot->marks = (nf_image_marks){0};
}

/* In place of counting. */
static void pass_slot(nf_counting *counting, unsigned worker, const nf_batch *batch, nf_slot *slot)
{
    unpack(counting, worker, batch, slot);
    leave_uncounted(slot);
}

/* In place of counting: only what somebody wants to see is unpacked. */
static void look_at_slot(nf_counting *counting, unsigned worker, const nf_batch *batch, nf_slot *slot)
{
    const nf_look *look = counting->look;
    const char *member = (const char *)batch->texts.data + slot->member;
    const bool wanted = slot->decoded.failure == NF_FAILURE_NONE && look->wants(look->context, slot->source, member, slot->row);
    if (wanted) {
        const image_bytes bytes = unpack(counting, worker, batch, slot);
        if (slot->decoded.failure == NF_FAILURE_NONE)
            look->take(look->context, slot->source, member, slot->row, &(nf_seen_image){
                .bytes = bytes.data, .n_bytes = slot->n_bytes, .format = slot->format, .w_px = slot->decoded.w_px,
                .h_px = slot->decoded.h_px, .by_columns = slot->by_columns});
    }
    leave_uncounted(slot);
}

/* Worker 0 is the thread that takes signals. */
static bool is_stopping(nf_counting *counting, unsigned worker)
{
    if (worker == 0 && counting->interrupted != NULL && *counting->interrupted)
        atomic_store_explicit(&counting->stopping, true, memory_order_relaxed);
    return atomic_load_explicit(&counting->stopping, memory_order_relaxed);
}

static void do_slots(void *context, unsigned worker, size_t first, size_t end)
{
    nf_batch *batch = context;
    nf_counting *counting = batch->counting;
    for (size_t i = first; i < end; i++) {
        if (is_stopping(counting, worker))
            batch->slots[i].is_left_out = true;
        else if (counting->look != NULL)
            look_at_slot(counting, worker, batch, &batch->slots[i]);
        else if (counting->is_presence_enough)
            pass_slot(counting, worker, batch, &batch->slots[i]);
        else
            count_slot(counting, worker, batch, &batch->slots[i]);
    }
}

nf_status nf_counting_start(nf_counting *counting, unsigned threads, nf_error *error)
{
    counting->unpackers = calloc(threads, sizeof(nf_unpacker *));
    if (counting->unpackers == NULL)
        return nf_fail_nomem(error, "the threads");
    counting->n_unpackers = threads;
    return nf_workers_new(&counting->workers, threads, error);
}

void nf_counting_end(nf_counting *counting)
{
    nf_workers_free(counting->workers);
    for (unsigned i = 0; i < counting->n_unpackers; i++)
        nf_unpacker_free(counting->unpackers[i]);
    free(counting->unpackers);
}

static void put_in_line(nf_counting *counting, nf_batch *batch)
{
    bool encoded = batch->n_slots > 0 && batch->slots[0].format == NF_PIXELS_ENCODED;
    batch->counting = counting;
    batch->job = (nf_job){
        .work = do_slots, .context = batch, .n = batch->n_slots, .piece = encoded ? 1 : RAW_IMAGES_AT_A_TIME};
    nf_workers_begin(counting->workers, &batch->job);
}

void nf_counting_begin(nf_counting *counting, nf_batch *batch)
{
    batch->device = nf_batch_waits_for_device(batch, counting->devices) ? NF_BATCH_FOR_DEVICE : NF_BATCH_FOR_CPU;
    if (batch->device == NF_BATCH_FOR_CPU)
        put_in_line(counting, batch);
}

nf_status nf_counting_finish(nf_counting *counting, nf_batch *batch, nf_error *error)
{
    if (batch->device == NF_BATCH_FOR_DEVICE) {
        nf_status status = nf_batch_count_raw(batch, counting->devices, error);
        if (status != NF_OK)
            return status;
        put_in_line(counting, batch);
    }
    nf_workers_finish(counting->workers, &batch->job);
    return NF_OK;
}
