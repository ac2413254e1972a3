/* SPDX-License-Identifier: GPL-3.0-or-later */
/* examples FOLDER: every method, error, kind, model, link type, destination, option and signer
 * identity at least once; FOLDER/examples.pcap and examples.txt get them. What is signed here is
 * signed by nobody: it is about the form. */
#include "core/crypto/signer.h"
#include "core/wire/attach.h"
#include "core/wire/chord.h"
#include "core/wire/config-update.h"
#include "core/wire/diagnostics.h"
#include "core/wire/error.h"
#include "core/wire/fetch.h"
#include "core/wire/frame.h"
#include "core/wire/message.h"
#include "core/wire/methods.h"
#include "core/wire/redir.h"
#include "core/wire/registration.h"
#include "core/wire/routing-mode.h"
#include "core/wire/self-tuning.h"
#include "core/wire/store.h"
#include "core/wire/topology.h"
#include "core/wire/turn-server.h"
#include "tests/wire/capture.h"

#define COUNTED(array)          \
  {                             \
    array, G_N_ELEMENTS (array) \
  }
#define TIME_OF_DAY       UINT64_C (1800000000123)
#define CONFIGURATION_XML "<overlay xmlns='urn:ietf:params:xml:ns:p2p:config-base'/>"

enum {
  SIP_REGISTRATION = 1,
  TURN_SERVICE = 2,
  CERTIFICATE_BY_NODE = 3,
  CERTIFICATE_BY_USER = 0x10,
  REDIR = 0x104,
  UNHEARD_OF = 0xf0000123,
};

static const NodeId ids[] = {
  { { 0x11, 1 } },
  { { 0x22, 2 } },
  { { 0x33, 3 } },
};
static const uint8_t digest[32] = { 0xd1, 0x9e, 0x57 };
static const uint8_t signature_bytes[70] = { 0x30, 0x44, 0x02, 0x20, 0x7f };

typedef struct Writer {
  Capture *capture;
  uint32_t sequence;
} Writer;

/* What a message has besides its body. */
typedef struct Form {
  DestinationList via;
  DestinationList destinations;
  ForwardingOptionList options;
  MessageExtensionList extensions;
  GenericCertificateList certificates;
  const Signature *signature;
} Form;

static Signature
signature_of (SignerIdentityType type)
{
  return (Signature){
    .hash = HASH_SHA256,
    .signature = SIGNATURE_ECDSA,
    .identity = { .identity_type = (uint8_t) type,
                  .hash_alg = HASH_SHA256,
                  .certificate_hash = { digest, sizeof digest } },
    .signature_value = { signature_bytes, sizeof signature_bytes },
  };
}

static DataModel
model_of (const void *user_data, KindId kind)
{
  switch (kind) {
  case SIP_REGISTRATION:
  case REDIR:
    return DATA_MODEL_DICTIONARY;
  case TURN_SERVICE:
    return DATA_MODEL_SINGLE;
  case CERTIFICATE_BY_NODE:
  case CERTIFICATE_BY_USER:
    return DATA_MODEL_ARRAY;
  default:
    return DATA_MODEL_UNKNOWN;
  }
}

static void
put (Writer *self, GByteArray *message)
{
  static const WireKinds kinds = { .data_model = model_of };
  FramedMessage frame = {
    .type = FRAME_DATA,
    .sequence = self->sequence++,
    .message = { message->data, message->len },
  };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  framed_message_encode (&frame, bytes);
  message_print ((Bytes){ message->data, message->len }, &kinds,
                 capture_add (self->capture, self->sequence, 1, 2,
                              (Bytes){ bytes->data, bytes->len }));
}

static void
write_form (Writer *self, uint16_t code, const void *body, const Form *form)
{
  Destination to = destination_of_node (&ids[1]);
  Signature signature = signature_of (SIGNER_CERT_HASH);
  SecurityBlock block = { form->certificates, form->signature ? *form->signature : signature };
  ForwardingHeader header = {
    .overlay = 0x12345678,
    .configuration_sequence = 7,
    .ttl = 40,
    .fragment = FRAGMENT_ONLY,
    .transaction_id = UINT64_C (0xabcdef0000000000) + self->sequence,
    .max_response_length = 5000,
    .via_list = form->via,
    .destination_list =
      form->destinations.count > 0 ? form->destinations : (DestinationList){ &to, 1 },
    .options = form->options,
  };
  g_autoptr (GByteArray) encoded = g_byte_array_new ();
  g_autoptr (GByteArray) contents = g_byte_array_new ();
  g_autoptr (GByteArray) message = g_byte_array_new ();
  MessageContents parts = { .message_code = code, .extensions = form->extensions };

  g_assert (wire_encode (message_body_type (code), body, encoded));
  parts.message_body = (Bytes){ encoded->data, encoded->len };
  g_assert (message_contents_encode (&parts, contents));
  g_assert (message_encode (&header, (Bytes){ contents->data, contents->len }, &block, message));
  put (self, message);
}

static void
write_body (Writer *self, uint16_t code, const void *body)
{
  write_form (self, code, body, &(Form){ .signature = NULL });
}

static void
write_empty_answer (Writer *self, uint16_t request)
{
  EmptyAns empty = { 0 };

  write_body (self, (uint16_t) (request + 1), &empty);
}

/* ---- Links ---- */

static void
write_attaches (Writer *self)
{
  const Address four = { .family = ADDRESS_IPV4, .bytes = { 192, 0, 2, 1 }, .port = 6084 };
  const Address six = { .family = ADDRESS_IPV6, .bytes = { 0x20, 1, 0xd, 0xb8 }, .port = 443 };
  IceExtension extensions[] = { { bytes_of_text ("name"), bytes_of_text ("value") } };
  static const uint8_t links[] = { OVERLAY_LINK_DTLS_UDP_SR, OVERLAY_LINK_DTLS_UDP_SR_NO_ICE,
                                   OVERLAY_LINK_TLS_TCP_FH_NO_ICE };

  for (unsigned i = 0; i < G_N_ELEMENTS (links); i++) {
    IceCandidate candidates[] = {
      { ip_address_port_of (&four), links[i], bytes_of_text ("1"), 2130706431, CAND_HOST },
      { ip_address_port_of (&six), links[i], bytes_of_text ("2"), 1694498815, CAND_SRFLX,
        ip_address_port_of (&four), COUNTED (extensions) },
      { ip_address_port_of (&four), links[i], bytes_of_text ("3"), 16777215, CAND_RELAY,
        ip_address_port_of (&six), COUNTED (extensions) },
    };
    AttachReqAns attach = {
      .ufrag = bytes_of_text ("ufra"),
      .password = bytes_of_text ("aPasswordOfTheRightLength"),
      .role = bytes_of_text ("passive"),
      .candidates = COUNTED (candidates),
      .send_update = i == 0,
    };
    AppAttachReqAns application = {
      .ufrag = attach.ufrag,
      .password = attach.password,
      .application = i == 0 ? APPLICATION_SIP : APPLICATION_SIPS,
      .role = bytes_of_text ("active"),
      .candidates = COUNTED (candidates),
    };
    write_body (self, MESSAGE_ATTACH_REQ, &attach);
    write_body (self, MESSAGE_APP_ATTACH_REQ, &application);
    attach.role = bytes_of_text ("active");
    attach.send_update = false;
    write_body (self, MESSAGE_ATTACH_REQ + 1, &attach);
    write_body (self, MESSAGE_APP_ATTACH_REQ + 1, &application);
  }
}

static void
write_link_methods (Writer *self)
{
  PingReq ping = { bytes_of_text ("padding") };
  PingAns pong = { UINT64_C (0x1122334455667788), TIME_OF_DAY };
  KindDescription kinds[] = { bytes_of_text ("<kind-block/>"), bytes_of_text ("<kind-block/>") };
  ConfigUpdateReq document = { .type = CONFIG_UPDATE_CONFIG,
                               .config_data = bytes_of_text (CONFIGURATION_XML) };
  ConfigUpdateReq of_kinds = { .type = CONFIG_UPDATE_KIND, .kinds = COUNTED (kinds) };

  write_body (self, MESSAGE_PING_REQ, &ping);
  write_body (self, MESSAGE_PING_REQ + 1, &pong);
  write_body (self, MESSAGE_CONFIG_UPDATE_REQ, &document);
  write_body (self, MESSAGE_CONFIG_UPDATE_REQ, &of_kinds);
  write_empty_answer (self, MESSAGE_CONFIG_UPDATE_REQ);
}

/* ---- Topology ---- */

static void
write_topology (Writer *self)
{
  static const uint8_t asked[] = { PROBE_RESPONSIBLE_SET, PROBE_NUM_RESOURCES, PROBE_UPTIME };
  ProbeInformation told[] = { { PROBE_RESPONSIBLE_SET, 250000000 },
                              { PROBE_NUM_RESOURCES, 12 },
                              { PROBE_UPTIME, 86400 } };
  ProbeReq probe = { { asked, sizeof asked } };
  ProbeAns probed = { COUNTED (told) };
  JoinReq join = { .joining_peer_id = ids[0] };
  JoinAns joined = { { NULL, 0 } };
  RouteQueryReq query = { .send_update = true, .destination = destination_of_node (&ids[2]) };
  ChordRouteQueryAns hop = { ids[1] };

  write_body (self, MESSAGE_PROBE_REQ, &probe);
  write_body (self, MESSAGE_PROBE_REQ + 1, &probed);
  write_body (self, MESSAGE_JOIN_REQ, &join);
  write_body (self, MESSAGE_JOIN_REQ + 1, &joined);
  write_body (self, MESSAGE_ROUTE_QUERY_REQ, &query);
  query.send_update = false;
  query.destination = destination_of_resource (node_id_bytes (&ids[0]));
  write_body (self, MESSAGE_ROUTE_QUERY_REQ, &query);
  write_body (self, MESSAGE_ROUTE_QUERY_REQ + 1, &hop);
}

static void
write_chord (Writer *self)
{
  NodeIdList some = { (NodeId *) ids, G_N_ELEMENTS (ids) }, one = { (NodeId *) ids, 1 };
  ChordLeaveData leaves[] = { { CHORD_LEAVE_FROM_SUCC, .successors = some },
                              { CHORD_LEAVE_FROM_PRED, .predecessors = some } };

  for (unsigned type = CHORD_UPDATE_PEER_READY; type <= CHORD_UPDATE_FULL; type++) {
    ChordUpdate update = {
      .uptime = 1234,
      .type = (uint8_t) type,
      .predecessors = one,
      .successors = some,
      .fingers = one,
    };
    write_body (self, MESSAGE_UPDATE_REQ, &update);
  }
  write_empty_answer (self, MESSAGE_UPDATE_REQ);
  for (unsigned i = 0; i < G_N_ELEMENTS (leaves); i++) {
    g_autoptr (GByteArray) data = g_byte_array_new ();
    LeaveReq leave = { .leaving_peer_id = ids[0] };
    chord_leave_data_encode (&leaves[i], data);
    leave.overlay_specific_data = (Bytes){ data->data, data->len };
    write_body (self, MESSAGE_LEAVE_REQ, &leave);
  }
  write_empty_answer (self, MESSAGE_LEAVE_REQ);
}

/* ---- Storage ---- */

static StoredData
stored (DataModel model, uint32_t index, Bytes key, Bytes value)
{
  return (StoredData){
    .storage_time = TIME_OF_DAY,
    .lifetime = 86400,
    .value = { .model = model, .index = index, .key = key, .value = { value.size > 0, value } },
    .signature = value.size > 0 ? signature_of (SIGNER_CERT_HASH) : signature_none (),
  };
}

static GByteArray *
registration_of (SipRegistrationType type)
{
  Destination way[] = { destination_of_node (&ids[1]), destination_of_node (&ids[2]) };
  SipRegistration registration = { .type = (uint8_t) type };
  GByteArray *bytes = g_byte_array_new ();

  if (type == SIP_REGISTRATION_URI) {
    registration.uri = bytes_of_text ("sips:carol@home");
  } else {
    registration.contact_prefs = bytes_of_text ("(& (sip.audio=TRUE))");
    registration.destination_list = (DestinationList) COUNTED (way);
  }
  sip_registration_encode (&registration, bytes);
  return bytes;
}

static GByteArray *
turn_server (void)
{
  const Address address = { .family = ADDRESS_IPV4, .bytes = { 192, 0, 2, 7 }, .port = 3478 };
  TurnServer server = { .iteration = 1, .server_address = ip_address_port_of (&address) };
  GByteArray *bytes = g_byte_array_new ();

  turn_server_encode (&server, bytes);
  return bytes;
}

static void
write_values (Writer *self)
{
  g_autoptr (GByteArray) uri = registration_of (SIP_REGISTRATION_URI);
  g_autoptr (GByteArray) route = registration_of (SIP_REGISTRATION_ROUTE);
  g_autoptr (GByteArray) turn = turn_server ();
  const Bytes none = { NULL, 0 };
  StoredData registrations[] = {
    stored (DATA_MODEL_DICTIONARY, 0, node_id_bytes (&ids[0]), (Bytes){ uri->data, uri->len }),
    stored (DATA_MODEL_DICTIONARY, 0, node_id_bytes (&ids[1]), (Bytes){ route->data, route->len }),
    stored (DATA_MODEL_DICTIONARY, 0, node_id_bytes (&ids[2]), none),
  };
  StoredData servers[] = {
    stored (DATA_MODEL_SINGLE, 0, none, (Bytes){ turn->data, turn->len }),
  };
  StoredData absent[] = { stored (DATA_MODEL_ARRAY, 4, none, none) };
  StoreKindData stores[] = {
    { SIP_REGISTRATION, 5, COUNTED (registrations) },
    { TURN_SERVICE, 0, COUNTED (servers) },
    { CERTIFICATE_BY_NODE, 1, COUNTED (absent) },
  };
  FetchKindResponse fetched[] = {
    { SIP_REGISTRATION, 5, COUNTED (registrations) },
    { TURN_SERVICE, 1, COUNTED (servers) },
    { CERTIFICATE_BY_USER, 2, COUNTED (absent) },
  };
  StoreReq store = { node_id_bytes (&ids[2]), 1, COUNTED (stores) };
  FetchAns fetch = { COUNTED (fetched) };

  write_body (self, MESSAGE_STORE_REQ, &store);
  write_body (self, MESSAGE_FETCH_REQ + 1, &fetch);
}

static void
write_questions (Writer *self)
{
  ArrayRange ranges[] = { { 0, 3 }, { 7, ARRAY_INDEX_LAST } };
  DictionaryKey keys[] = { node_id_bytes (&ids[0]), node_id_bytes (&ids[1]) };
  StoredDataSpecifier specifiers[] = {
    { SIP_REGISTRATION, 0, DATA_MODEL_DICTIONARY, .keys = COUNTED (keys) },
    { SIP_REGISTRATION, 0, DATA_MODEL_DICTIONARY },
    { TURN_SERVICE, 3, DATA_MODEL_SINGLE },
    { CERTIFICATE_BY_NODE, 4, DATA_MODEL_ARRAY, .indices = COUNTED (ranges) },
  };
  FetchReq fetch = { node_id_bytes (&ids[0]), COUNTED (specifiers) };
  KindId kinds[] = { SIP_REGISTRATION, CERTIFICATE_BY_NODE };
  FindReq find = { node_id_bytes (&ids[0]), COUNTED (kinds) };
  FindKindData found[] = { { SIP_REGISTRATION, node_id_bytes (&ids[1]) },
                           { CERTIFICATE_BY_NODE, node_id_bytes (&ids[2]) } };
  FindAns finding = { COUNTED (found) };

  write_body (self, MESSAGE_FETCH_REQ, &fetch);
  write_body (self, MESSAGE_STAT_REQ, &fetch);
  write_body (self, MESSAGE_FIND_REQ, &find);
  write_body (self, MESSAGE_FIND_REQ + 1, &finding);
}

static StoredMetaData
metadata (DataModel model, uint32_t index, Bytes key)
{
  return (StoredMetaData){
    .storage_time = TIME_OF_DAY,
    .lifetime = 600,
    .metadata = { .model = model,
                  .index = index,
                  .key = key,
                  .value = { true, 17, HASH_SHA256, { digest, sizeof digest } } },
  };
}

static StoreAns
store_answer (void)
{
  static StoreKindResponse items[] = {
    { SIP_REGISTRATION, 6, { (NodeId *) ids, 2 } },
    { CERTIFICATE_BY_NODE, 1, { (NodeId *) ids, 0 } },
  };

  return (StoreAns){ COUNTED (items) };
}

static void
write_statistics (Writer *self)
{
  StoredMetaData singles[] = { metadata (DATA_MODEL_SINGLE, 0, (Bytes){ NULL, 0 }) };
  StoredMetaData entries[] = { metadata (DATA_MODEL_ARRAY, 3, (Bytes){ NULL, 0 }) };
  StoredMetaData keyed[] = { metadata (DATA_MODEL_DICTIONARY, 0, node_id_bytes (&ids[0])) };
  StatKindResponse items[] = {
    { TURN_SERVICE, 1, COUNTED (singles) },
    { CERTIFICATE_BY_NODE, 2, COUNTED (entries) },
    { SIP_REGISTRATION, 3, COUNTED (keyed) },
  };
  StatAns answer = { COUNTED (items) };
  StoreAns store = store_answer ();

  write_body (self, MESSAGE_STORE_REQ + 1, &store);
  write_body (self, MESSAGE_STAT_REQ + 1, &answer);
}

/* ---- Errors ---- */

static void
write_errors (Writer *self)
{
  KindId kinds[] = { UNHEARD_OF };
  UnknownKinds unknown = { COUNTED (kinds) };
  StoreAns counters = store_answer ();

  for (uint16_t code = RELOAD_FORBIDDEN; error_name (code) != NULL; code++) {
    g_autoptr (GByteArray) info = g_byte_array_new ();
    ErrorResponse error = { .error_code = code, .error_info = bytes_of_text ("why") };
    if (code == RELOAD_UNKNOWN_KIND)
      unknown_kinds_encode (&unknown, info);
    else if (code == RELOAD_GENERATION_COUNTER_TOO_LOW)
      store_ans_encode (&counters, info);
    if (info->len > 0)
      error.error_info = (Bytes){ info->data, info->len };
    write_body (self, MESSAGE_ERROR, &error);
  }
}

/* ---- What stands around a body ---- */

static void
write_forms (Writer *self)
{
  static uint8_t opaque[] = { 1, 2, 3, 4, 5 };
  static uint8_t compressed[] = { 0x81, 0x23 };
  Destination via[] = {
    destination_of_node (&ids[0]),
    { .type = DESTINATION_OPAQUE, .opaque_id = { opaque, sizeof opaque } },
    { .type = DESTINATION_OPAQUE, .is_compressed = true, .opaque_id = { compressed, 2 } },
  };
  Destination way[] = { destination_of_node (&ids[1]),
                        destination_of_resource (node_id_bytes (&ids[2])) };
  ForwardingOption options[] = {
    { 200, 0, bytes_of_text ("option") },
    { 201, FORWARD_CRITICAL | RESPONSE_COPY, { NULL, 0 } },
    { 202, DESTINATION_CRITICAL, bytes_of_text ("x") },
  };
  MessageExtension extensions[] = { { 300, true, bytes_of_text ("extension") },
                                    { 301, false, { NULL, 0 } } };
  static const SignerIdentityType signers[] = { SIGNER_CERT_HASH, SIGNER_CERT_HASH_NODE_ID };
  PingReq ping = { { NULL, 0 } };

  for (unsigned i = 0; i < G_N_ELEMENTS (signers); i++) {
    Signature signature = signature_of (signers[i]);
    write_form (self, MESSAGE_PING_REQ, &ping, &(Form){ .signature = &signature });
  }
  write_form (self, MESSAGE_PING_REQ, &ping,
              &(Form){ .via = COUNTED (via), .destinations = COUNTED (way) });
  write_form (self, MESSAGE_PING_REQ, &ping, &(Form){ .options = COUNTED (options) });
  write_form (self, MESSAGE_PING_REQ, &ping, &(Form){ .extensions = COUNTED (extensions) });
}

/* ---- Other standards ---- */

static void
write_diagnostics (Writer *self)
{
  DiagnosticExtension extensions[] = { { DIAGNOSTIC_KIND_EXTENSION, bytes_of_text ("what") } };
  DiagnosticInfo infos[] = {
    { DIAGNOSTIC_STATUS_INFO, { (const uint8_t *) "\x10", 1 } },
    { DIAGNOSTIC_ROUTING_TABLE_SIZE, { (const uint8_t *) "\0\0\0\x11", 4 } },
  };
  DiagnosticsRequest asked = {
    .expiration = TIME_OF_DAY + 10000,
    .timestamp_initiated = TIME_OF_DAY,
    .dm_flags = UINT64_C (1) << DIAGNOSTIC_STATUS_INFO,
    .diagnostic_extensions_list = COUNTED (extensions),
  };
  DiagnosticsResponse told = {
    .expiration = TIME_OF_DAY + 10000,
    .timestamp_initiated = TIME_OF_DAY,
    .timestamp_received = TIME_OF_DAY + 20,
    .hop_counter = 38,
    .diagnostic_info_list = COUNTED (infos),
  };
  PathTrackReq track = { destination_of_node (&ids[2]), asked };
  PathTrackAns tracked = { destination_of_node (&ids[1]), told };

  write_body (self, MESSAGE_PATH_TRACK_REQ, &track);
  write_body (self, MESSAGE_PATH_TRACK_REQ + 1, &tracked);
}

static void
write_extended (Writer *self, uint16_t code, const void *body, uint16_t type, GByteArray *contents)
{
  MessageExtension extension = { type, false, { contents->data, contents->len } };

  write_form (self, code, body, &(Form){ .extensions = { &extension, 1 } });
}

static void
write_extensions (Writer *self)
{
  static const uint8_t asked[] = { PROBE_UPTIME };
  const Address four = { .family = ADDRESS_IPV4, .bytes = { 192, 0, 2, 1 }, .port = 6084 };
  Destination here[] = { destination_of_node (&ids[0]) };
  g_autoptr (GByteArray) diagnostics = g_byte_array_new ();
  g_autoptr (GByteArray) tuning = g_byte_array_new ();
  g_autoptr (GByteArray) mode = g_byte_array_new ();
  DiagnosticsRequest request = { TIME_OF_DAY + 10000, TIME_OF_DAY, 4 };
  SelfTuningData data = { 100, 1200, 1100 };
  ExtensiveRoutingModeOption routing = { ROUTE_MODE_DRR, OVERLAY_LINK_DTLS_UDP_SR_NO_ICE,
                                         ip_address_port_of (&four), COUNTED (here) };
  ForwardingOption option = { FORWARDING_OPTION_ROUTING_MODE, 0x08 };
  PingReq ping = { { NULL, 0 } };
  ProbeReq probe = { { asked, sizeof asked } };

  diagnostics_request_encode (&request, diagnostics);
  write_extended (self, MESSAGE_PING_REQ, &ping, MESSAGE_EXTENSION_DIAGNOSTIC_PING, diagnostics);
  self_tuning_data_encode (&data, tuning);
  write_extended (self, MESSAGE_PROBE_REQ, &probe, MESSAGE_EXTENSION_SELF_TUNING_DATA, tuning);
  extensive_routing_mode_option_encode (&routing, mode);
  option.option = (Bytes){ mode->data, mode->len };
  write_form (self, MESSAGE_PING_REQ, &ping, &(Form){ .options = { &option, 1 } });
}

static void
write_redir (Writer *self)
{
  Destination here[] = { destination_of_node (&ids[0]) };
  RedirServiceProvider provider = { .destination_list = COUNTED (here),
                                    .namespace = bytes_of_text ("turn-server"),
                                    .level = 2,
                                    .node = 1 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  StoredData value;
  StoreKindData kind = { REDIR, 0, { &value, 1 } };
  StoreReq store = { node_id_bytes (&ids[2]), 0, { &kind, 1 } };

  redir_service_provider_encode (&provider, bytes);
  value =
    stored (DATA_MODEL_DICTIONARY, 0, node_id_bytes (&ids[0]), (Bytes){ bytes->data, bytes->len });
  write_body (self, MESSAGE_STORE_REQ, &store);
}

int
main (int argc, char **argv)
{
  g_autoptr (Capture) capture = capture_new ();
  Writer writer = { .capture = capture };

  if (argc != 2)
    g_error ("Usage: examples FOLDER");
  write_attaches (&writer);
  write_link_methods (&writer);
  write_topology (&writer);
  write_chord (&writer);
  write_values (&writer);
  write_questions (&writer);
  write_statistics (&writer);
  write_errors (&writer);
  write_forms (&writer);
  write_diagnostics (&writer);
  write_extensions (&writer);
  write_redir (&writer);
  capture_save (capture, argv[1], "examples");
  return 0;
}
