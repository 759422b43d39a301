/* The load of `make bench-sfu`: many WebRTC peers on one core.
 *
 * Python shakes hands (ICE, DTLS) and then gives each peer's socket and SRTP keys to this library,
 * which sends the publishers' packets when they are due and counts what the receivers get. Built by
 * load.py with the C compiler and OpenSSL's libcrypto; nothing of it is part of the product.
 *
 * Senders protect every packet. Receivers count every packet, and unprotect one in `sample`: that
 * proves that what arrives is what was sent, and tells the delay, because the last eight bytes of
 * every payload are overwritten with the time at which it left. The time of arrival is the
 * kernel's (SO_TIMESTAMPNS), so that a receiver that is late does not make the SFU look late.
 */
#define _GNU_SOURCE
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, ROOM = 2048, STREAMS = 256, BURST = 64 };
enum { CM_SHA1_80 = 1, GCM_128 = 7, GCM_256 = 8 }; /* RFC 5764 and RFC 7714 */
enum { ARRIVALS = 4096, TOLD = 512, REPORTED = 31 }; /* REPORTED is the most of RFC 3550 */
enum { SR = 200, RR = 201, RTPFB = 205, TRANSPORT = 15 };

static const int64_t TELL_EVERY = 100000000, REPORT_EVERY = 1000000000;

typedef struct {
  int profile;
  uint8_t salt[14];
  EVP_CIPHER_CTX *cipher;
  HMAC_CTX *mac;
} keys_t;

typedef struct {
  uint32_t ssrc, roc;
  uint16_t highest;
  uint8_t payload_type;
  uint64_t base, arrived, octets;         /* since the last reset; base is the first to come */
  uint64_t reported_base, reported_count; /* at the last report */
  uint64_t count;                         /* ever */
} stream_t;

typedef struct {
  int fd;
  keys_t out, in;
  stream_t streams[STREAMS];
  int stream_count;
  uint64_t arrived, octets;
  uint8_t check[512]; /* a connectivity check, sent again and again: consent to go on */
  int check_size;
  /* What a browser reports; with transport_id 0 it is silent. */
  keys_t reports;
  int transport_id;
  uint32_t report_index;
  uint16_t transport_number;             /* of what it sends */
  uint64_t next_told, end_told;          /* transport-wide numbers that arrived and are not told */
  int64_t arrivals[ARRIVALS], tell_at, report_at;
  uint8_t told_count;
} peer_t;

typedef struct {
  int peer, count;
  const uint8_t *packets; /* one after another: RTP header, extensions, payload */
  const int *offsets;     /* count + 1 of them */
  const int64_t *due;     /* nanoseconds from the beginning of the loop */
  const uint32_t *timestamps;
  int64_t period, begin;
  uint32_t period_timestamp, timestamp, ssrc;
  uint64_t index; /* sequence number that never wraps */
  int next, number_at; /* where in a packet the transport-wide number is, or 0 */
  uint64_t octets;
  int64_t report_at, report_every; /* sender reports; 0 for none */
} track_t;

typedef struct {
  peer_t *peers;
  track_t *tracks;
  int peer_count, track_count, epoll, sample, spin;
  uint64_t sent, arrived, octets, sampled, forged, send_errors, skipped;
  int64_t check_at, late;
  float *delays; /* microseconds */
  int delay_count, delay_room;
} load_t;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void put16(uint8_t *p, uint16_t v) { p[0] = v >> 8; p[1] = v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16); put16(p + 2, v); }
static uint16_t get16(const uint8_t *p) { return p[0] << 8 | p[1]; }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

static int payload_start(const uint8_t *p, int size) {
  int start = 12 + 4 * (p[0] & 15);
  if (p[0] & 0x10) {
    if (size < start + 4) return -1;
    start += 4 + 4 * get16(p + start + 2);
  }
  return start <= size ? start : -1;
}

/* -- SRTP: session keys come ready from Python --------------------------------------------- */

static void nonce_of(const keys_t *k, uint32_t ssrc, uint64_t index, uint8_t *iv) {
  if (k->profile == CM_SHA1_80) { /* RFC 3711 section 4.1.1 */
    memcpy(iv, k->salt, 14);
    iv[14] = iv[15] = 0;
    for (int i = 0; i < 4; i++) iv[4 + i] ^= ssrc >> (24 - 8 * i);
    for (int i = 0; i < 6; i++) iv[8 + i] ^= index >> (40 - 8 * i);
  } else { /* RFC 7714 section 8.1 */
    memcpy(iv, k->salt, 12);
    for (int i = 0; i < 4; i++) iv[2 + i] ^= ssrc >> (24 - 8 * i);
    for (int i = 0; i < 6; i++) iv[6 + i] ^= index >> (40 - 8 * i);
  }
}

static void tag_of(keys_t *k, const uint8_t *p, int size, uint32_t roc, uint8_t *tag) {
  uint8_t word[4];
  unsigned length;
  put32(word, roc);
  HMAC_Init_ex(k->mac, NULL, 0, NULL, NULL);
  HMAC_Update(k->mac, p, size);
  HMAC_Update(k->mac, word, 4);
  HMAC_Final(k->mac, tag, &length);
}

/* Protects in place; returns the new size. */
static int protect(keys_t *k, uint8_t *p, int size, uint64_t index) {
  uint8_t iv[16], tag[20];
  int start = payload_start(p, size), n;
  nonce_of(k, get32(p + 8), index, iv);
  EVP_EncryptInit_ex(k->cipher, NULL, NULL, NULL, iv);
  if (k->profile == CM_SHA1_80) {
    EVP_EncryptUpdate(k->cipher, p + start, &n, p + start, size - start);
    tag_of(k, p, size, index >> 16, tag);
    memcpy(p + size, tag, 10);
    return size + 10;
  }
  EVP_EncryptUpdate(k->cipher, NULL, &n, p, start);
  EVP_EncryptUpdate(k->cipher, p + start, &n, p + start, size - start);
  EVP_EncryptFinal_ex(k->cipher, p + size, &n);
  EVP_CIPHER_CTX_ctrl(k->cipher, EVP_CTRL_GCM_GET_TAG, 16, p + size);
  return size + 16;
}

/* Protects RTCP in place (RFC 7714 section 9); returns the new size. */
static int protect_report(keys_t *k, uint8_t *p, int size, uint32_t index) {
  uint8_t iv[12], word[4];
  int n;
  memcpy(iv, k->salt, 12);
  for (int i = 0; i < 4; i++) iv[2 + i] ^= p[4 + i], iv[8 + i] ^= index >> (24 - 8 * i);
  put32(word, 0x80000000u | index);
  EVP_EncryptInit_ex(k->cipher, NULL, NULL, NULL, iv);
  EVP_EncryptUpdate(k->cipher, NULL, &n, p, 8);
  EVP_EncryptUpdate(k->cipher, NULL, &n, word, 4);
  EVP_EncryptUpdate(k->cipher, p + 8, &n, p + 8, size - 8);
  EVP_EncryptFinal_ex(k->cipher, p + size, &n);
  EVP_CIPHER_CTX_ctrl(k->cipher, EVP_CTRL_GCM_GET_TAG, 16, p + size);
  memcpy(p + size + 16, word, 4);
  return size + 20;
}

/* Unprotects in place; returns the new size, or -1. */
static int unprotect(keys_t *k, uint8_t *p, int size, uint64_t index) {
  uint8_t iv[16], tag[20];
  int start = payload_start(p, size), n;
  int overhead = k->profile == CM_SHA1_80 ? 10 : 16;
  if (start < 0 || size < start + overhead) return -1;
  size -= overhead;
  nonce_of(k, get32(p + 8), index, iv);
  if (k->profile == CM_SHA1_80) {
    tag_of(k, p, size, index >> 16, tag);
    if (memcmp(p + size, tag, 10)) return -1;
    EVP_EncryptInit_ex(k->cipher, NULL, NULL, NULL, iv); /* a key stream knows no direction */
    EVP_EncryptUpdate(k->cipher, p + start, &n, p + start, size - start);
    return size;
  }
  EVP_DecryptInit_ex(k->cipher, NULL, NULL, NULL, iv);
  EVP_DecryptUpdate(k->cipher, NULL, &n, p, start);
  EVP_DecryptUpdate(k->cipher, p + start, &n, p + start, size - start);
  EVP_CIPHER_CTX_ctrl(k->cipher, EVP_CTRL_GCM_SET_TAG, 16, p + size);
  return EVP_DecryptFinal_ex(k->cipher, p + size, &n) == 1 ? size : -1;
}

static void set_keys(keys_t *k, int profile, const uint8_t *key, const uint8_t *salt,
                     const uint8_t *mac, int sending) {
  const EVP_CIPHER *cipher = profile == CM_SHA1_80 ? EVP_aes_128_ctr()
                             : profile == GCM_128  ? EVP_aes_128_gcm()
                                                   : EVP_aes_256_gcm();
  k->profile = profile;
  memcpy(k->salt, salt, profile == CM_SHA1_80 ? 14 : 12);
  k->cipher = EVP_CIPHER_CTX_new();
  EVP_CipherInit_ex(k->cipher, cipher, NULL, key, NULL, sending || profile == CM_SHA1_80);
  if (profile == CM_SHA1_80) {
    k->mac = HMAC_CTX_new();
    HMAC_Init_ex(k->mac, mac, 20, EVP_sha1(), NULL);
  }
}

/* -- what Python calls --------------------------------------------------------------------- */

load_t *load_new(int peers, int tracks, int sample, int spin) {
  load_t *l = calloc(1, sizeof *l);
  l->peers = calloc(peers, sizeof *l->peers);
  l->tracks = calloc(tracks ? tracks : 1, sizeof *l->tracks);
  l->epoll = epoll_create1(EPOLL_CLOEXEC);
  l->sample = sample;
  l->spin = spin;
  l->delay_room = 1 << 22;
  l->delays = malloc(l->delay_room * sizeof *l->delays);
  return l;
}

void load_free(load_t *l) {
  for (int i = 0; i < l->peer_count; i++)
    for (int j = 0; j < 3; j++) {
      keys_t *k = j == 0 ? &l->peers[i].out : j == 1 ? &l->peers[i].in : &l->peers[i].reports;
      EVP_CIPHER_CTX_free(k->cipher);
      HMAC_CTX_free(k->mac);
    }
  close(l->epoll);
  free(l->peers);
  free(l->tracks);
  free(l->delays);
  free(l);
}

int load_peer(load_t *l, int fd, int profile, const uint8_t *out_key, const uint8_t *out_salt,
              const uint8_t *out_mac, const uint8_t *in_key, const uint8_t *in_salt,
              const uint8_t *in_mac, const uint8_t *check, int check_size) {
  peer_t *p = &l->peers[l->peer_count];
  int on = 1;
  p->fd = fd;
  set_keys(&p->out, profile, out_key, out_salt, out_mac, 1);
  set_keys(&p->in, profile, in_key, in_salt, in_mac, 0);
  p->check_size = check_size < (int)sizeof p->check ? check_size : 0;
  memcpy(p->check, check, p->check_size);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = l->peer_count};
  if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event)) return -1;
  return l->peer_count++;
}

/* Lets a peer report as browsers do: reports every second, and every tenth of one what has arrived
 * of the transport-wide numbers, which are in the header extension of that id. AES-GCM only. */
int load_reports(load_t *l, int peer, int transport_id, const uint8_t *key, const uint8_t *salt) {
  peer_t *p = &l->peers[peer];
  if (p->out.profile == CM_SHA1_80) return -1;
  set_keys(&p->reports, p->out.profile, key, salt, NULL, 1);
  p->transport_id = transport_id;
  /* Not everybody at the same instant. */
  p->tell_at = now_ns() + TELL_EVERY * (peer % 32) / 32;
  p->report_at = now_ns() + REPORT_EVERY * (peer % 32) / 32;
  return 0;
}

void load_track(load_t *l, int peer, int count, const uint8_t *packets, const int *offsets,
                const int64_t *due, const uint32_t *timestamps, int64_t period,
                uint32_t period_timestamp, uint32_t ssrc, int64_t phase, int number_at,
                int64_t report_every) {
  track_t *t = &l->tracks[l->track_count++];
  *t = (track_t){.peer = peer, .count = count, .packets = packets, .offsets = offsets,
                 .due = due, .timestamps = timestamps, .period = period,
                 .period_timestamp = period_timestamp, .ssrc = ssrc, .index = 1000,
                 .begin = now_ns() + phase, .number_at = number_at,
                 .report_at = now_ns() + phase, .report_every = report_every};
}

/* -- what a browser reports ---------------------------------------------------------------- */

static void send_report(load_t *l, peer_t *p, uint8_t *packet, int size) {
  size = protect_report(&p->reports, packet, size, ++p->report_index);
  if (send(p->fd, packet, size, MSG_DONTWAIT) < 0) l->send_errors++;
}

/* The transport-wide number of a packet, in a one-byte header extension (RFC 8285); -1 if none. */
static int transport_number(const uint8_t *data, int size, int id) {
  int at = 12 + 4 * (data[0] & 15);
  if (!(data[0] & 0x10) || size < at + 4 || get16(data + at) != 0xBEDE) return -1;
  int end = at + 4 + 4 * get16(data + at + 2);
  if (end > size) return -1;
  for (at += 4; at < end;) {
    if (!data[at]) {
      at++;
      continue;
    }
    int length = (data[at] & 15) + 1;
    if (data[at] >> 4 == id && length == 2 && at + 3 <= end) return get16(data + at + 1);
    at += 1 + length;
  }
  return -1;
}

static void note_arrival(peer_t *p, int number, int64_t at) {
  if (!p->end_told) p->next_told = p->end_told = 65536 + number;
  uint64_t full = p->end_told + (int16_t)(number - (uint16_t)p->end_told);
  if (full < p->next_told || full >= p->next_told + ARRIVALS) return;
  for (; p->end_told <= full; p->end_told++) p->arrivals[p->end_told % ARRIVALS] = 0;
  p->arrivals[full % ARRIVALS] = at;
}

/* draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1, in chunks of seven symbols. */
static void tell_arrivals(load_t *l, peer_t *p) {
  static uint8_t packet[ROOM];
  uint8_t symbols[TOLD + 7] = {0}, deltas[2 * TOLD];
  int count = 0, size = 20, filled = 0, begun = 0;
  int64_t tick = 0, reference = 0;
  for (; p->next_told + count < p->end_told && count < TOLD; count++) {
    int64_t at = p->arrivals[(p->next_told + count) % ARRIVALS];
    if (!at) continue;
    if (!begun) {
      reference = at / 64000000;
      tick = reference * 256;
      begun = 1;
    }
    int64_t delta = at / 250000 - tick;
    if (delta < -32768 || delta > 32767) break;
    symbols[count] = delta >= 0 && delta < 256 ? 1 : 2;
    if (symbols[count] == 2) put16(deltas + filled, delta), filled += 2;
    else deltas[filled++] = delta;
    tick += delta;
  }
  if (begun) {
    put32(packet + 4, 1);
    put32(packet + 8, 0);
    put16(packet + 12, p->next_told);
    put16(packet + 14, count);
    put32(packet + 16, (uint32_t)reference << 8 | p->told_count++);
    for (int i = 0; i < count; i += 7, size += 2) {
      uint16_t chunk = 0xC000;
      for (int j = 0; j < 7; j++) chunk |= symbols[i + j] << (12 - 2 * j);
      put16(packet + size, chunk);
    }
    memcpy(packet + size, deltas, filled);
    size += filled;
    int padding = -size & 3;
    memset(packet + size, 0, 4);
    if (padding) packet[size + padding - 1] = padding;
    size += padding;
    packet[0] = 0x80 | (padding ? 0x20 : 0) | TRANSPORT;
    packet[1] = RTPFB;
    put16(packet + 2, size / 4 - 1);
    send_report(l, p, packet, size);
  }
  p->next_told += count;
}

/* A receiver report of every stream (RFC 3550 section 6.4.2). */
static void report(load_t *l, peer_t *p) {
  static uint8_t packet[ROOM];
  for (int first = 0; first < p->stream_count; first += REPORTED) {
    int count = p->stream_count - first < REPORTED ? p->stream_count - first : REPORTED;
    packet[0] = 0x80 | count;
    packet[1] = RR;
    put16(packet + 2, 1 + 6 * count);
    put32(packet + 4, 1);
    for (int i = 0; i < count; i++) {
      stream_t *s = &p->streams[first + i];
      uint8_t *block = packet + 8 + 24 * i;
      uint64_t highest = (uint64_t)s->roc << 16 | s->highest;
      int64_t expected = highest + 1 - s->reported_base, got = s->count - s->reported_count;
      memset(block, 0, 24);
      put32(block, s->ssrc);
      if (expected > got && expected > 0) block[4] = 255 * (expected - got) / expected;
      put32(block + 8, highest);
      s->reported_base = highest + 1;
      s->reported_count = s->count;
    }
    send_report(l, p, packet, 8 + 24 * count);
  }
}

/* A sender report: which time of the day the timestamps are (RFC 3550 section 6.4.1). */
static void send_sender_report(load_t *l, track_t *t, int64_t now) {
  uint8_t packet[64];
  int64_t seconds = now / 1000000000, rest = now % 1000000000;
  packet[0] = 0x80;
  packet[1] = SR;
  put16(packet + 2, 6);
  put32(packet + 4, t->ssrc);
  put32(packet + 8, seconds + 2208988800LL);
  put32(packet + 12, (rest << 32) / 1000000000);
  put32(packet + 16, t->timestamp + t->timestamps[t->next]);
  put32(packet + 20, t->index - 1000);
  put32(packet + 24, t->octets);
  send_report(l, &l->peers[t->peer], packet, 28);
}

static void report_due(load_t *l, int64_t now) {
  for (int i = 0; i < l->peer_count; i++) {
    peer_t *p = &l->peers[i];
    if (!p->transport_id) continue;
    if (now >= p->tell_at) {
      p->tell_at = now + TELL_EVERY;
      tell_arrivals(l, p);
    }
    if (now >= p->report_at) {
      p->report_at = now + REPORT_EVERY;
      report(l, p);
    }
  }
  for (int i = 0; i < l->track_count; i++) {
    track_t *t = &l->tracks[i];
    if (t->report_every && now >= t->report_at) {
      t->report_at = now + t->report_every;
      send_sender_report(l, t, now);
    }
  }
}

/* -- media --------------------------------------------------------------------------------- */

static void arrive(load_t *l, peer_t *p, uint8_t *data, int size, int64_t at) {
  if (size < 12 || data[0] < 128 || data[0] > 191) return; /* STUN, DTLS */
  if (data[1] >= 192 && data[1] <= 223) return;            /* RTCP */
  uint32_t ssrc = get32(data + 8);
  uint16_t sequence = get16(data + 2);
  stream_t *s = NULL;
  for (int i = 0; i < p->stream_count && !s; i++)
    if (p->streams[i].ssrc == ssrc) s = &p->streams[i];
  if (!s) {
    if (p->stream_count == STREAMS) return;
    s = &p->streams[p->stream_count++];
    *s = (stream_t){.ssrc = ssrc, .highest = sequence, .payload_type = data[1] & 127,
                    .base = sequence, .reported_base = sequence};
  }
  int16_t delta = sequence - s->highest;
  uint32_t roc = s->roc;
  if (delta > 0) {
    if (sequence < s->highest) roc = ++s->roc;
    s->highest = sequence;
  } else if (sequence > s->highest) {
    roc--;
  }
  if (p->transport_id) {
    int number = transport_number(data, size, p->transport_id);
    if (number >= 0) note_arrival(p, number, at);
  }
  s->count++;
  s->arrived++;
  s->octets += size;
  p->arrived++;
  l->arrived++;
  p->octets += size;
  l->octets += size;
  if (l->sample == 0 || l->arrived % l->sample) return;
  int start = payload_start(data, size);
  size = unprotect(&p->in, data, size, (uint64_t)roc << 16 | sequence);
  if (size > start && data[0] & 0x20) size -= data[size - 1]; /* padding of the SFU */
  if (size == start) return;                                  /* nothing else: a probe */
  if (size < start + 8) {
    l->forged++;
    return;
  }
  int64_t left;
  memcpy(&left, data + size - 8, 8);
  l->sampled++;
  if (l->delay_count < l->delay_room) l->delays[l->delay_count++] = (at - left) / 1000.0f;
}

static void receive(load_t *l, peer_t *p) {
  static uint8_t data[BATCH][ROOM];
  static uint8_t control[BATCH][64];
  static struct mmsghdr messages[BATCH];
  static struct iovec parts[BATCH];
  for (int round = 0; round < 16; round++) {
    for (int i = 0; i < BATCH; i++) {
      parts[i] = (struct iovec){data[i], ROOM};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1,
                                            .msg_control = control[i], .msg_controllen = 64};
    }
    int count = recvmmsg(p->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
      int64_t at = 0;
      for (struct cmsghdr *c = CMSG_FIRSTHDR(&messages[i].msg_hdr); c;
           c = CMSG_NXTHDR(&messages[i].msg_hdr, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
          struct timespec t;
          memcpy(&t, CMSG_DATA(c), sizeof t);
          at = t.tv_sec * 1000000000LL + t.tv_nsec;
        }
      arrive(l, p, data[i], messages[i].msg_len, at);
    }
    if (count < BATCH) return;
  }
}

static void send_due(load_t *l, track_t *t, int64_t now) {
  static uint8_t data[BURST][ROOM];
  static struct mmsghdr messages[BURST];
  static struct iovec parts[BURST];
  peer_t *p = &l->peers[t->peer];
  int count = 0;
  while (count < BURST && t->begin + t->due[t->next] <= now) {
    int size = t->offsets[t->next + 1] - t->offsets[t->next];
    uint8_t *packet = data[count];
    memcpy(packet, t->packets + t->offsets[t->next], size);
    put16(packet + 2, t->index);
    put32(packet + 4, t->timestamp + t->timestamps[t->next]);
    put32(packet + 8, t->ssrc);
    if (t->number_at) put16(packet + t->number_at, p->transport_number++);
    t->octets += size;
    int64_t late = now - t->begin - t->due[t->next];
    if (late > l->late) l->late = late;
    int64_t left = now_ns();
    memcpy(packet + size - 8, &left, 8);
    size = protect(&p->out, packet, size, t->index);
    parts[count] = (struct iovec){packet, size};
    messages[count].msg_hdr = (struct msghdr){.msg_iov = &parts[count], .msg_iovlen = 1};
    count++;
    t->index++;
    if (++t->next == t->count) {
      t->next = 0;
      t->begin += t->period;
      t->timestamp += t->period_timestamp;
    }
  }
  if (!count) return;
  int sent = sendmmsg(p->fd, messages, count, MSG_DONTWAIT);
  if (sent < 0) sent = 0;
  l->sent += sent;
  l->send_errors += count - sent;
}

/* Sends for `seconds` and receives for `drain` longer; 0 if all went well. */
int load_run(load_t *l, double seconds, double drain) {
  int64_t begin = now_ns(), stop = begin + seconds * 1e9, end = stop + drain * 1e9;
  struct epoll_event events[256];
  for (int i = 0; i < l->track_count; i++) {
    /* What was due between two runs is not sent now, all at once. */
    track_t *t = &l->tracks[i];
    while (t->begin + t->due[t->next] < begin - 100000000) {
      l->skipped++;
      if (++t->next == t->count) {
        t->next = 0;
        t->begin += t->period;
        t->timestamp += t->period_timestamp;
      }
    }
  }
  for (int64_t now = begin; now < end; now = now_ns()) {
    int64_t next = end;
    if (now < stop)
      for (int i = 0; i < l->track_count; i++) {
        track_t *t = &l->tracks[i];
        send_due(l, t, now);
        if (t->begin + t->due[t->next] < next) next = t->begin + t->due[t->next];
      }
    if (now < stop) report_due(l, now);
    if (now >= l->check_at) {
      l->check_at = now + 2500000000LL;
      for (int i = 0; i < l->peer_count; i++)
        if (l->peers[i].check_size)
          if (send(l->peers[i].fd, l->peers[i].check, l->peers[i].check_size, MSG_DONTWAIT) < 0)
            l->send_errors++;
    }
    /* Never sleeps, if it has a core of its own: to wake it would be work for the SFU, which sends
     * from the same machine here and over a network elsewhere. */
    int64_t wait = next - now_ns();
    int timeout = l->spin || wait < 1000000 ? 0 : wait > 20000000 ? 20 : wait / 1000000;
    int count = epoll_wait(l->epoll, events, 256, timeout);
    if (count < 0 && errno != EINTR) return -1;
    for (int i = 0; i < count; i++) receive(l, &l->peers[events[i].data.u32]);
  }
  return 0;
}

void load_reset(load_t *l) {
  l->sent = l->arrived = l->octets = l->sampled = l->forged = l->send_errors = l->skipped = 0;
  l->delay_count = 0;
  l->late = 0;
  for (int i = 0; i < l->peer_count; i++) {
    peer_t *p = &l->peers[i];
    p->arrived = p->octets = 0;
    for (int j = 0; j < p->stream_count; j++) {
      stream_t *s = &p->streams[j];
      s->base = ((uint64_t)s->roc << 16 | s->highest) + 1;
      s->arrived = s->octets = 0;
    }
  }
}

void load_totals(const load_t *l, uint64_t *totals) {
  uint64_t all[] = {l->sent, l->arrived, l->octets, l->sampled, l->forged, l->send_errors,
                    (uint64_t)l->late, (uint64_t)l->delay_count};
  memcpy(totals, all, sizeof all);
}

const float *load_delays(const load_t *l) { return l->delays; }
uint64_t load_arrived(const load_t *l, int peer) { return l->peers[peer].arrived; }

/* What each stream of a peer is: payload type, arrived, expected, octets. Returns how many. */
int load_streams(const load_t *l, int peer, uint64_t *numbers) {
  const peer_t *p = &l->peers[peer];
  for (int i = 0; i < p->stream_count; i++) {
    const stream_t *s = &p->streams[i];
    uint64_t highest = (uint64_t)s->roc << 16 | s->highest;
    uint64_t all[] = {s->payload_type, s->arrived, highest + 1 - s->base, s->octets};
    memcpy(numbers + 4 * i, all, sizeof all);
  }
  return p->stream_count;
}
