/* nofade: drawn pictures. A painter sets the light of a pixel; the picture's tint makes it a colour. */
#include "sample/draw.h"

#include "sample/random.h"

typedef struct canvas {
    uint8_t *rgb;
    int32_t w_px, h_px;
    int32_t tint[3]; /* added to the light */
    nf_random random;
} canvas;

/* A ramp of light over a direction: p = dx * x + dy * y runs from p_min over p_span values. */
typedef struct ramp {
    int32_t dx, dy;
    int64_t p_min, p_span;
    int32_t low, range; /* of light */
} ramp;

static uint8_t clamped(int32_t value)
{
    return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
}

static void put(canvas *on, int32_t x, int32_t y, int32_t light)
{
    uint8_t *pixel = on->rgb + 3 * ((size_t)y * (size_t)on->w_px + (size_t)x);
    for (int channel = 0; channel < 3; channel++)
        pixel[channel] = clamped(light + on->tint[channel]);
}

static ramp random_ramp(canvas *on, int32_t range_min, int32_t range_max)
{
    ramp made;
    made.dx = nf_random_between(&on->random, 1, 9);
    made.dy = nf_random_between(&on->random, -9, 9);
    int64_t along = (int64_t)made.dx * (on->w_px - 1);
    int64_t across = (int64_t)made.dy * (on->h_px - 1);
    made.p_min = across < 0 ? across : 0;
    made.p_span = along + (across < 0 ? -across : across) + 1;
    made.range = nf_random_between(&on->random, range_min, range_max);
    made.low = nf_random_between(&on->random, 40, 215 - made.range);
    return made;
}

static int64_t ramp_position(const ramp *of, int32_t x, int32_t y)
{
    return (int64_t)of->dx * x + (int64_t)of->dy * y - of->p_min;
}

static int32_t ramp_light(const ramp *of, int32_t x, int32_t y)
{
    return of->low + (int32_t)(ramp_position(of, x, y) * of->range / of->p_span);
}

static void draw_flat(canvas *on)
{
    int32_t light = nf_random_between(&on->random, 40, 215);
    int32_t other = nf_random_between(&on->random, 40, 215);
    int32_t shorter = on->w_px < on->h_px ? on->w_px : on->h_px;
    int32_t side = nf_random_between(&on->random, 0, shorter / 3);
    int32_t left = nf_random_between(&on->random, 0, on->w_px - side);
    int32_t top = nf_random_between(&on->random, 0, on->h_px - side);
    for (int32_t y = 0; y < on->h_px; y++)
        for (int32_t x = 0; x < on->w_px; x++) {
            int inside = x >= left && x < left + side && y >= top && y < top + side;
            put(on, x, y, inside ? other : light);
        }
}

static void draw_gradients(canvas *on)
{
    ramp shade = random_ramp(on, 60, 150);
    int32_t steps = nf_random_between(&on->random, 4, 12);
    for (int32_t y = 0; y < on->h_px; y++)
        for (int32_t x = 0; x < on->w_px; x++) {
            int64_t step = ramp_position(&shade, x, y) * steps / shade.p_span;
            put(on, x, y, shade.low + (int32_t)step * shade.range / steps);
        }
}

static void draw_stripes(canvas *on)
{
    ramp wave = random_ramp(on, 14, 60);
    int64_t period = wave.p_span / nf_random_between(&on->random, 2, 8) + 2;
    for (int32_t y = 0; y < on->h_px; y++)
        for (int32_t x = 0; x < on->w_px; x++) {
            int64_t phase = ramp_position(&wave, x, y) % period * 2;
            int64_t height = phase < period ? phase : 2 * period - phase;
            put(on, x, y, wave.low + (int32_t)(height * wave.range / period));
        }
}

static void draw_shape(canvas *on)
{
    ramp shade = random_ramp(on, 10, 60);
    int is_disc = (int)(nf_random_next(&on->random) >> 63);
    int32_t half_w = nf_random_between(&on->random, on->w_px / 10 + 1, on->w_px / 4 + 1);
    int32_t half_h = nf_random_between(&on->random, on->h_px / 10 + 1, on->h_px / 4 + 1);
    int32_t centre_x = nf_random_between(&on->random, 0, on->w_px - 1);
    int32_t centre_y = nf_random_between(&on->random, 0, on->h_px - 1);
    for (int32_t y = 0; y < on->h_px; y++)
        for (int32_t x = 0; x < on->w_px; x++) {
            int64_t dx = x - centre_x, dy = y - centre_y;
            if (dx < -half_w || dx > half_w || dy < -half_h || dy > half_h)
                continue;
            int64_t w2 = (int64_t)half_w * half_w, h2 = (int64_t)half_h * half_h;
            if (!is_disc || dx * dx * 1024 / w2 + dy * dy * 1024 / h2 <= 1024)
                put(on, x, y, ramp_light(&shade, x, y));
        }
}

static void draw_shapes(canvas *on)
{
    ramp ground = random_ramp(on, 20, 70);
    for (int32_t y = 0; y < on->h_px; y++)
        for (int32_t x = 0; x < on->w_px; x++)
            put(on, x, y, ramp_light(&ground, x, y));
    int32_t n_shapes = nf_random_between(&on->random, 3, 8);
    for (int32_t i = 0; i < n_shapes; i++)
        draw_shape(on);
}

/* One octave of value noise, 0 .. 255: random values on a lattice of `cells` cells along the longer side, interpolated. */
static int32_t octave_light(uint64_t seed, int64_t cells, int64_t extent_px, int32_t x, int32_t y)
{
    int64_t u = x * cells * 256 / extent_px, v = y * cells * 256 / extent_px;
    int32_t a = (int32_t)(u & 255), b = (int32_t)(v & 255);
    int32_t corner[4];
    for (int i = 0; i < 4; i++) {
        uint64_t node = ((uint64_t)((v >> 8) + i / 2) << 32) + (uint64_t)((u >> 8) + i % 2);
        corner[i] = (int32_t)(nf_random_mix(seed ^ node) >> 56);
    }
    int32_t upper = corner[0] * (256 - a) + corner[1] * a;
    int32_t lower = corner[2] * (256 - a) + corner[3] * a;
    return (upper * (256 - b) + lower * b) >> 16;
}

static void draw_texture(canvas *on)
{
    uint64_t seed = nf_random_next(&on->random);
    int32_t cells = nf_random_between(&on->random, 3, 6);
    int32_t contrast = nf_random_between(&on->random, 40, 90); /* 64 = as it comes */
    int32_t extent = on->w_px > on->h_px ? on->w_px : on->h_px;
    for (int32_t y = 0; y < on->h_px; y++)
        for (int32_t x = 0; x < on->w_px; x++) {
            int32_t sum = 4 * octave_light(seed, cells, extent, x, y) + 2 * octave_light(seed + 1, 2 * cells, extent, x, y) +
                          octave_light(seed + 2, 4 * cells, extent, x, y);
            put(on, x, y, 128 + (sum / 7 - 128) * contrast / 64);
        }
}

static void draw_noise(canvas *on)
{
    int32_t reach = nf_random_between(&on->random, 70, 110);
    for (int channel = 0; channel < 3; channel++)
        on->tint[channel] /= 2;
    for (int32_t y = 0; y < on->h_px; y++)
        for (int32_t x = 0; x < on->w_px; x++)
            put(on, x, y, nf_random_between(&on->random, 128 - reach, 127 + reach));
}

typedef struct painter {
    const char *name;
    void (*draw)(canvas *on);
} painter;

static const painter painters[NF_SAMPLE_CLASSES] = {
    [NF_SAMPLE_FLAT] = {"flat", draw_flat},          [NF_SAMPLE_GRADIENTS] = {"gradients", draw_gradients},
    [NF_SAMPLE_STRIPES] = {"stripes", draw_stripes}, [NF_SAMPLE_SHAPES] = {"shapes", draw_shapes},
    [NF_SAMPLE_TEXTURE] = {"texture", draw_texture}, [NF_SAMPLE_NOISE] = {"noise", draw_noise},
};

const char *nf_sample_class_name(nf_sample_class drawn_class)
{
    return painters[drawn_class].name;
}

void nf_sample_draw(nf_sample_class drawn_class, uint64_t index, uint32_t w_px, uint32_t h_px, uint8_t *rgb)
{
    canvas on = {.rgb = rgb, .w_px = (int32_t)w_px, .h_px = (int32_t)h_px};
    on.random = nf_random_seeded(nf_random_mix(index) + (uint64_t)drawn_class);
    for (int channel = 0; channel < 3; channel++)
        on.tint[channel] = nf_random_between(&on.random, -30, 30);
    painters[drawn_class].draw(&on);
}

void nf_sample_add_grain(uint64_t index, size_t n, uint8_t *bytes)
{
    nf_random random = nf_random_seeded(nf_random_mix(~index));
    uint64_t drawn = 0;
    for (size_t i = 0; i < n; i++, drawn >>= 16) {
        if (i % 4 == 0)
            drawn = nf_random_next(&random);
        bytes[i] = clamped((int32_t)bytes[i] + (int32_t)(((drawn & 255) + (drawn >> 8 & 255)) >> 3) - 31);
    }
}
