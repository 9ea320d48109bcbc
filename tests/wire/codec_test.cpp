#include "paxbank/wire/codec.hpp"

#include "paxbank/wire/decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace paxbank::wire {
namespace {

using ::testing::HasSubstr;

const Ballot ballot{3, {2}};
const Request request{{"A"}, {7}, {{"A"}, {"J"}, {3}}};
const std::vector<AcceptedEntry> entries{{{1, {1}}, {4}, request}, {ballot, {5}, NoOp{}}};

std::vector<Message> one_of_each() {
  return {
      Prepare{ballot, {4}},
      Promise{ballot, {1}, {4}, SequenceNumber{9}, entries},
      Promise{ballot, {1}, {4}, std::nullopt, {}},
      NewView{ballot, entries},
      Accept{ballot, {5}, {request}},
      Accept{ballot, {5}, {NoOp{}}},
      Accepted{ballot, {5}, {5}, {1}},
      Accept{ballot, {5}, {request, NoOp{}, request}},
      Accepted{ballot, {5}, {9}, {1}},
      Commit{ballot, {5}, {5}, {request}},
      Commit{ballot, {5}, {6}, {request, NoOp{}}},
      Commit{ballot, {5}, {5}, {}},
      Commit{ballot, {5}, {900}, {}},
      Checkpoint{{3}, {8}, {{{"A"}, {9}}, {{"B"}, {11}}}, {{{"A"}, {{7}, Result::failed, {5}}}}},
      Checkpoint{{3}, {8}, {}, {}},
      Request{
          {"\\\"\xC3\xA4"}, {-7}, {{"no-op"}, {"J"}, {std::numeric_limits<std::int64_t>::min()}}},
      request,
      Reply{ballot, {"A"}, {7}, Result::success, {5}},
      Reply{ballot, {"A"}, {7}, Result::failed, {5}},
      Heartbeat{ballot, {2}, {5}, {4}, true},
      Reply{ballot, {"A"}, {7}, Result::failed, {}},
      Heartbeat{ballot, {2}, {5}, {4}, true, {3}},
      Heartbeat{ballot, {1}, {0}, {0}, false}};
}

std::string without_newline(std::string line) {
  EXPECT_EQ(line.back(), '\n');
  line.pop_back();
  EXPECT_EQ(line.find('\n'), std::string::npos);
  return line;
}

std::string fault(std::string_view line) {
  const Decoded decoded = decode(line, 5);
  const auto* found = std::get_if<Fault>(&decoded);
  return found == nullptr ? "no fault" : found->reason;
}

TEST(Codec, EveryMessageComesBackAsItWas) {
  for (const Message& message : one_of_each()) {
    const std::string line = without_newline(encode(message));
    const Decoded decoded = decode(line, 5);
    ASSERT_TRUE(std::holds_alternative<Message>(decoded)) << line << fault(line);
    EXPECT_EQ(std::get<Message>(decoded), message) << line;
  }
}

/// What the hot path makes of a line, as text.
std::string by_decoder(std::string line) {
  static Decoder decoder(5);
  const std::size_t size = line.size();
  line.append(Decoder::padding, 'x');
  const Decoded decoded = decoder.decode(std::string_view(line).substr(0, size));
  if (const auto* message = std::get_if<Message>(&decoded)) return encode(*message);
  if (const auto* found = std::get_if<Fault>(&decoded)) return found->reason;
  return "HELLO";
}

std::string by_reference(const std::string& line) {
  const Decoded decoded = decode(line, 5);
  if (const auto* message = std::get_if<Message>(&decoded)) return encode(*message);
  if (const auto* found = std::get_if<Fault>(&decoded)) return found->reason;
  return "HELLO";
}

TEST(Codec, BothWaysReadTheSame) {
  for (const Message& message : one_of_each()) {
    const std::string line = without_newline(encode(message));
    EXPECT_EQ(by_decoder(line), line + "\n");
    EXPECT_EQ(by_reference(line), line + "\n");
    // Any byte changed, taken out, or put in twice: both see the same in it.
    for (std::size_t i = 0; i < line.size(); ++i) {
      for (const char c : {'0', '9', '"', '}', ',', ' ', 'x', '-', '\0', '\xFF'}) {
        std::string changed = line;
        changed[i] = c;
        EXPECT_EQ(by_decoder(changed), by_reference(changed)) << changed;
      }
      std::string shorter = line;
      shorter.erase(i, 1);
      EXPECT_EQ(by_decoder(shorter), by_reference(shorter)) << shorter;
      std::string longer = line;
      longer.insert(i, 1, line[i]);
      EXPECT_EQ(by_decoder(longer), by_reference(longer)) << longer;
      EXPECT_EQ(by_decoder(line.substr(0, i)), by_reference(line.substr(0, i)));
    }
    for (const char* more : {" ", "{}", "x", ",", "\t\r", "]"}) {
      EXPECT_EQ(by_decoder(line + more), by_reference(line + more)) << line + more;
    }
  }
}

// The wire is a contract with people who read it and with other implementations.
TEST(Codec, LooksAsTheSpecificationSays) {
  EXPECT_EQ(encode(Accept{ballot, {5}, {request}}),
            R"({"type":"ACCEPT","ballot":[3,2],"sequence_number":5,"request":)"
            R"({"client_id":"A","timestamp":7,"transaction":["A","J",3]}})"
            "\n");
  EXPECT_EQ(encode(NewView{ballot, entries}),
            R"({"type":"NEW_VIEW","ballot":[3,2],"accept_log":[[[1,1],4,)"
            R"({"client_id":"A","timestamp":7,"transaction":["A","J",3]}],[[3,2],5,"no-op"]]})"
            "\n");
  EXPECT_EQ(encode(Heartbeat{ballot, {2}, {5}, {4}, true}),
            R"({"type":"HEARTBEAT","ballot":[3,2],"node_id":2,"committed":5,"executed":4})"
            "\n");
}

TEST(Codec, TakesTheFieldsOfTheSpecificationAlone) {
  const Decoded promise =
      decode(R"({"type":"PROMISE","ballot":[3,2],"node_id":1,"accept_log":[]})", 5);
  EXPECT_EQ(std::get<Message>(promise), Message(Promise{ballot, {1}, {1}, std::nullopt, {}}));
  const Decoded heartbeat =
      decode(R"({"type":"HEARTBEAT","ballot":[3,2],"node_id":2,"committed":5,"executed":4})", 5);
  EXPECT_TRUE(std::get<Heartbeat>(std::get<Message>(heartbeat)).in_view);
  const Decoded reply = decode(
      R"({"type":"REPLY","ballot":[3,2],"client_id":"A","timestamp":7,"result":"success"})", 5);
  EXPECT_TRUE(std::holds_alternative<Message>(reply));
}

TEST(Codec, HelloComesBackAsItWas) {
  for (const Hello& hello : {Hello{.node = NodeId{3}}, Hello{.clients = {{"A"}, {"B"}}},
                             Hello{.run = std::numeric_limits<std::uint64_t>::max(),
                             .version = 1,
                             .nodes = 5,
                             .node = NodeId{3}}}) {
    EXPECT_EQ(std::get<Hello>(decode(without_newline(encode(hello)), 5)), hello);
  }
}

TEST(Codec, WhatAFaultRepeatsCannotForgeALogLine) {
  EXPECT_EQ(fault(R"({"type":"A\n\u001b[2Jn1: leads"})"), "unknown type \"A??[2Jn1: leads\"");
}

TEST(Codec, SaysWhatIsWrong) {
  EXPECT_THAT(fault(""), HasSubstr("not JSON"));
  EXPECT_THAT(fault("hello"), HasSubstr("not JSON (at byte 1"));
  EXPECT_THAT(fault(R"({"type":"PREPARE")"), HasSubstr("not JSON"));
  EXPECT_THAT(fault("\"\xFF\""), HasSubstr("not JSON"));
  EXPECT_THAT(fault("[1,2]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(fault("{}"), HasSubstr("\"type\" is missing"));
  EXPECT_THAT(fault(R"({"type":5})"), HasSubstr("\"type\" must be a string"));
  EXPECT_THAT(fault(R"({"type":"GOSSIP"})"), HasSubstr("unknown type \"GOSSIP\""));
  EXPECT_THAT(fault(R"({"type":"PREPARE","ballot":[1,2]})"),
              HasSubstr("\"from_sequence\" is missing"));
  EXPECT_THAT(fault(R"({"type":"ACCEPTED","ballot":[1,2],"sequence_number":"1","node_id":1})"),
              HasSubstr("\"sequence_number\" must be a whole number"));
}

TEST(Codec, RefusesBallotsOwnedByNobodyAndNumbersOutOfRange) {
  for (const char* bad : {"[1,0]", "[1,6]", "[0,1]", "[-1,1]", "[1]", "[1,2,3]", "\"1\"", "null",
                          "[1.5,1]", "[9007199254740992,1]", "[18446744073709551615,1]"}) {
    EXPECT_THAT(fault(std::string(R"({"type":"PREPARE","from_sequence":1,"ballot":)") + bad + "}"),
                HasSubstr("\"ballot\" must be"))
        << bad;
  }
  for (const char* bad : {"0", "-1", "1.0", "1e3", "99999999999999999999", "true", "[]"}) {
    EXPECT_THAT(
        fault(std::string(R"({"type":"PREPARE","ballot":[1,1],"from_sequence":)") + bad + "}"),
        HasSubstr("\"from_sequence\" must be"))
        << bad;
  }
}

TEST(Codec, RefusesRequestsThatAreNone) {
  const std::string head = R"({"type":"REQUEST","client_id":"A","timestamp":1,"transaction":)";
  for (const char* bad :
       {"[]", R"(["A","J"])", R"(["A","J","3"])", R"(["A","J",1.5])", R"(["A",1,3])",
        R"(["","J",3])", R"(["A\n","J",3])", R"(["A","J",9223372036854775808])", "{}", "null"}) {
    EXPECT_THAT(fault(head + bad + "}"), HasSubstr("\"transaction\" must be")) << bad;
  }
  EXPECT_THAT(fault(R"({"type":"REQUEST","client_id":")" + std::string(65, 'x') +
                    R"(","timestamp":1,"transaction":["A","J",3]})"),
              HasSubstr("\"client_id\" must be a name"));
  EXPECT_THAT(fault(R"({"type":"ACCEPT","ballot":[1,1],"sequence_number":1,"request":"op"})"),
              HasSubstr("\"request\" must be a request or \"no-op\""));
  EXPECT_THAT(fault(R"({"type":"NEW_VIEW","ballot":[1,1],"accept_log":[[[1,1],1]]})"),
              HasSubstr("\"accept_log\" must be"));
}

TEST(Codec, TakesAnyTransactionThatTheBankCanJudge) {
  for (const char* legal :
       {R"(["A","A",0])", R"(["A","Z",-5])", R"(["A","J",9223372036854775807])"}) {
    EXPECT_EQ(
        fault(std::string(R"({"type":"REQUEST","client_id":"A","timestamp":1,"transaction":)") +
              legal + "}"),
        "no fault");
  }
}

TEST(Codec, RefusesDeepNestingInLongLinesBeforeItTakesMemory) {
  EXPECT_THAT(fault(std::string(1'000'000, '[')), HasSubstr("nested too deeply"));
  EXPECT_THAT(fault(std::string(1'000, '[')), HasSubstr("not JSON"));
}

}  // namespace
}  // namespace paxbank::wire
