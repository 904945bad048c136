// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdint.h>
#include <string.h>

#include "guest/wire.h"
#include "tests/unit/unit.h"

enum { SEED = 42, ROUNDS = 20000 };

/* A small generator with a fixed seed: a failure comes again. */
static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static size_t make_frame(uint8_t *out, uint32_t *random, uint32_t length)
{
    WireType type = (WireType) (1 + random_next(random) % WIRE_CONFIGURE);

    wire_encode_header(out, type, random_next(random), random_next(random), length);
    for (uint32_t i = 0; i < length; i++)
        out[WIRE_HEADER_SIZE + i] = (uint8_t) random_next(random);
    return WIRE_HEADER_SIZE + length;
}

START_TEST(a_header_has_the_documented_bytes)
{
    static const uint8_t expected[] = { 'T', 'B', 1, 3, 0x44, 0x33, 0x22, 0x11, 0x07, 0, 0, 0, 0x05, 0, 0, 0 };
    uint8_t header[WIRE_HEADER_SIZE];

    wire_encode_header(header, WIRE_EXEC, 0x11223344, 7, 5);
    ck_assert_mem_eq(header, expected, sizeof expected);
}
END_TEST

START_TEST(what_was_encoded_is_decoded)
{
    static uint8_t data[WIRE_HEADER_SIZE + WIRE_PAYLOAD_LIMIT + 3];
    static const uint32_t lengths[] = { 0, 1, 1000, WIRE_PAYLOAD_LIMIT };
    uint32_t random = SEED;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t size = make_frame(data, &random, lengths[i]), used = 0;
        const char *why = NULL;
        WireFrame frame;

        ck_assert_int_eq(wire_decode(data, size + 3, &frame, &used, &why), WIRE_OK);
        ck_assert_uint_eq(used, size);
        ck_assert_uint_eq(frame.type, data[3]);
        ck_assert_uint_eq(frame.length, lengths[i]);
        ck_assert_ptr_eq(frame.payload, data + WIRE_HEADER_SIZE);
        ck_assert_mem_eq(&frame.channel, data + 4, 4);
        ck_assert_mem_eq(&frame.sequence, data + 8, 4);
    }
}
END_TEST

START_TEST(every_beginning_of_a_frame_waits_for_more)
{
    uint8_t data[WIRE_HEADER_SIZE + 40];
    uint32_t random = SEED;
    size_t size = make_frame(data, &random, 40);

    for (size_t there = 0; there < size; there++) {
        const char *why = NULL;
        size_t used = 0;
        WireFrame frame;

        ck_assert_int_eq(wire_decode(data, there, &frame, &used, &why), WIRE_MORE);
    }
}
END_TEST

static const struct {
    size_t at;
    uint8_t byte;
    size_t there; /* how much must be there to tell */
    const char *why;
} damages[] = {
    { 0, 'X', 1, "the magic is wrong" },
    { 1, 'X', 2, "the magic is wrong" },
    { 2, 2, 3, "the protocol version is unknown" },
    { 3, 0, 4, "the frame type is unknown" },
    { 3, WIRE_CONFIGURE + 1, 4, "the frame type is unknown" },
    { 14, 2, WIRE_HEADER_SIZE, "the payload is too long" },
    { 15, 0x80, WIRE_HEADER_SIZE, "the payload is too long" }, /* not taken for a negative number */
};

START_TEST(a_damaged_header_is_refused_as_soon_as_it_shows)
{
    uint8_t data[WIRE_HEADER_SIZE];
    const char *why = NULL;
    size_t used = 0;
    WireFrame frame;

    wire_encode_header(data, WIRE_READ, 1, 1, 0);
    data[damages[_i].at] = damages[_i].byte;
    ck_assert_int_eq(wire_decode(data, damages[_i].there - 1, &frame, &used, &why), WIRE_MORE);
    ck_assert_int_eq(wire_decode(data, damages[_i].there, &frame, &used, &why), WIRE_BAD);
    ck_assert_str_eq(why, damages[_i].why);
}
END_TEST

START_TEST(a_payload_one_byte_over_the_limit_is_refused)
{
    uint8_t data[WIRE_HEADER_SIZE];
    const char *why = NULL;
    size_t used = 0;
    WireFrame frame;

    wire_encode_header(data, WIRE_READ, 1, 1, WIRE_PAYLOAD_LIMIT);
    ck_assert_int_eq(wire_decode(data, sizeof data, &frame, &used, &why), WIRE_MORE);
    wire_encode_header(data, WIRE_READ, 1, 1, WIRE_PAYLOAD_LIMIT + 1);
    ck_assert_int_eq(wire_decode(data, sizeof data, &frame, &used, &why), WIRE_BAD);
}
END_TEST

/* Whatever the bytes: a verdict, within the buffer (the sanitizers watch), and a frame that is a copy of its bytes. */
static void check_verdict(const uint8_t *data, size_t size)
{
    const char *why = NULL;
    size_t used = SIZE_MAX;
    WireFrame frame = { 0 };
    uint8_t again[WIRE_HEADER_SIZE];

    switch (wire_decode(data, size, &frame, &used, &why)) {
    case WIRE_OK:
        ck_assert_uint_le(used, size);
        ck_assert_uint_eq(used, WIRE_HEADER_SIZE + (size_t) frame.length);
        wire_encode_header(again, (WireType) frame.type, frame.channel, frame.sequence, frame.length);
        ck_assert_mem_eq(again, data, sizeof again);
        break;
    case WIRE_MORE:
        ck_assert_uint_lt(size, WIRE_HEADER_SIZE + WIRE_PAYLOAD_LIMIT);
        break;
    case WIRE_BAD:
        ck_assert_ptr_nonnull(why);
        break;
    }
}

/* Each buffer is allocated in its exact size, so that one byte too far is seen. */
START_TEST(random_bytes_get_a_verdict)
{
    uint32_t random = SEED;

    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t size = random_next(&random) % 64;
        uint8_t *data = malloc(size > 0 ? size : 1);

        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t) random_next(&random);
        check_verdict(data, size);
        free(data);
    }
}
END_TEST

START_TEST(mutated_and_cut_frames_get_a_verdict)
{
    uint32_t random = SEED + 1;

    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t frame[WIRE_HEADER_SIZE + 48];
        size_t size = make_frame(frame, &random, random_next(&random) % 48);
        size_t there = random_next(&random) % (size + 1);
        uint8_t *data = malloc(there > 0 ? there : 1);

        frame[random_next(&random) % size] ^= (uint8_t) (1u << random_next(&random) % 8);
        memcpy(data, frame, there);
        check_verdict(data, there);
        free(data);
    }
}
END_TEST

START_TEST(a_stream_cut_anywhere_gives_the_same_frames)
{
    enum { FRAMES = 200 };
    static uint8_t data[FRAMES * (WIRE_HEADER_SIZE + 100)];
    uint32_t random = SEED;
    size_t size = 0, start = 0, there = 0;
    unsigned seen = 0;

    for (unsigned i = 0; i < FRAMES; i++)
        size += make_frame(data + size, &random, random_next(&random) % 100);
    while (start < size) {
        const char *why = NULL;
        size_t used = 0;
        WireFrame frame;
        WireStatus status = wire_decode(data + start, there - start, &frame, &used, &why);

        ck_assert_int_ne(status, WIRE_BAD);
        if (status == WIRE_OK) {
            start += used;
            seen++;
        } else {
            there += 1 + random_next(&random) % 7;
            there = there < size ? there : size;
        }
    }
    ck_assert_uint_eq(seen, FRAMES);
}
END_TEST

START_TEST(a_reader_gives_numbers_and_texts_in_order)
{
    static const uint8_t payload[] = { 7, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0x80, 'a', 'b', 0, 0, 'c', 0 };
    WireReader reader = { .data = payload, .left = sizeof payload };

    ck_assert_uint_eq(wire_read_u8(&reader), 7);
    ck_assert_uint_eq(wire_read_u32(&reader), 1);
    ck_assert_uint_eq(wire_read_u64(&reader), UINT64_C(0x8000000000000002));
    ck_assert_str_eq(wire_read_string(&reader), "ab");
    ck_assert_str_eq(wire_read_string(&reader), "");
    ck_assert_str_eq(wire_read_string(&reader), "c");
    ck_assert_uint_eq(reader.left, 0);
    ck_assert(!reader.failed);
}
END_TEST

START_TEST(a_reader_that_missed_something_stays_failed)
{
    static const uint8_t payload[] = { 1, 2, 3, 0 };
    WireReader reader = { .data = payload, .left = 3 };

    ck_assert_uint_eq(wire_read_u32(&reader), 0);
    ck_assert(reader.failed);
    ck_assert_uint_eq(wire_read_u8(&reader), 0); /* although three bytes are there */
    ck_assert_uint_eq(wire_read_u64(&reader), 0);
    ck_assert_str_eq(wire_read_string(&reader), "");
}
END_TEST

START_TEST(a_text_without_its_end_is_no_text)
{
    static const uint8_t payload[] = { 'a', 'b', 'c', 0 };
    WireReader reader = { .data = payload, .left = 3 };

    ck_assert_str_eq(wire_read_string(&reader), "");
    ck_assert(reader.failed);
}
END_TEST

START_TEST(numbers_are_little_endian)
{
    static const uint8_t expected[] = { 8, 7, 6, 5, 4, 3, 2, 1 };
    uint8_t out[8];

    wire_put_u64(out, UINT64_C(0x0102030405060708));
    ck_assert_mem_eq(out, expected, sizeof out);
    wire_put_u32(out, 0x05060708);
    ck_assert_mem_eq(out, expected, 4);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_header_has_the_documented_bytes);
    tcase_add_test(tcase, what_was_encoded_is_decoded);
    tcase_add_test(tcase, every_beginning_of_a_frame_waits_for_more);
    tcase_add_loop_test(tcase, a_damaged_header_is_refused_as_soon_as_it_shows, 0, sizeof damages / sizeof damages[0]);
    tcase_add_test(tcase, a_payload_one_byte_over_the_limit_is_refused);
    tcase_add_test(tcase, random_bytes_get_a_verdict);
    tcase_add_test(tcase, mutated_and_cut_frames_get_a_verdict);
    tcase_add_test(tcase, a_stream_cut_anywhere_gives_the_same_frames);
    tcase_add_test(tcase, a_reader_gives_numbers_and_texts_in_order);
    tcase_add_test(tcase, a_reader_that_missed_something_stays_failed);
    tcase_add_test(tcase, a_text_without_its_end_is_no_text);
    tcase_add_test(tcase, numbers_are_little_endian);
}

int main(void)
{
    return unit_run("guest/wire", add_tests);
}
