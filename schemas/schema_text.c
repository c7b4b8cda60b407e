/* Written by schemas/schema_text.py from the .avsc files. */
#include "schemas/schema_text.h"

#include <stddef.h>

/* C17 asks compilers for 4095 bytes only; those we use have no limit. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

static const char trace_block_v1[] =
	"{\"type\": \"record\", \"name\": \"TraceBlock\", \"namespace\": \"smiley\",\n"
	" \"doc\": \"Consecutive events of one run. Decodes alone: names, code objects, stacks and locals that its events need are stated inside it.\",\n"
	" \"fields\": [\n"
	"  {\"name\": \"run\", \"type\": {\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}},\n"
	"  {\"name\": \"first_seq\", \"type\": \"long\", \"doc\": \"sequence number of the first event in items\"},\n"
	"  {\"name\": \"event_count\", \"type\": \"long\", \"doc\": \"how many of the items are events (Line, Call, Return, Yield, Resume, Exception, Unwind, ThreadStart, Task, Gap); the others state or change what events refer to\"},\n"
	"  {\"name\": \"base_ns\", \"type\": \"long\", \"doc\": \"wall clock, nanoseconds since 1970 UTC, from which the first event's dt counts\"},\n"
	"  {\"name\": \"items\", \"type\": {\"type\": \"array\", \"items\": [\n"
	"    {\"type\": \"record\", \"name\": \"Line\", \"doc\": \"a line is about to run in the current frame\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\", \"doc\": \"nanoseconds since the event before, in this block\"},\n"
	"      {\"name\": \"dline\", \"type\": \"long\", \"doc\": \"line minus the frame's last line\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Change\", \"doc\": \"a local of the current frame has changed since the frame's event before\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"index of a Name in this block, in order of appearance from 0\"},\n"
	"      {\"name\": \"value\", \"type\": [\n"
	"        \"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\",\n"
	"        {\"type\": \"record\", \"name\": \"BigInt\", \"doc\": \"an int beyond 64 bits\", \"fields\": [\n"
	"          {\"name\": \"bits\", \"type\": \"long\", \"doc\": \"bit length of the absolute value\"},\n"
	"          {\"name\": \"digits\", \"type\": \"bytes\", \"doc\": \"two's complement, big-endian; empty when over the limit\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Text\", \"doc\": \"a str that was cut or holds lone surrogates\", \"fields\": [\n"
	"          {\"name\": \"length\", \"type\": \"long\", \"doc\": \"characters of the whole str\"},\n"
	"          {\"name\": \"text\", \"type\": \"bytes\", \"doc\": \"its beginning, UTF-8 with lone surrogates passed through\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Blob\", \"doc\": \"a bytes or bytearray that was cut, or any bytearray\", \"fields\": [\n"
	"          {\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"BlobKind\", \"symbols\": [\"BYTES\", \"BYTEARRAY\"]}},\n"
	"          {\"name\": \"length\", \"type\": \"long\"},\n"
	"          {\"name\": \"data\", \"type\": \"bytes\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Complex\", \"fields\": [\n"
	"          {\"name\": \"real\", \"type\": \"double\"}, {\"name\": \"imag\", \"type\": \"double\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Container\", \"fields\": [\n"
	"          {\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"ContainerKind\", \"symbols\": [\"LIST\", \"TUPLE\", \"SET\", \"FROZENSET\", \"DICT\", \"DEQUE\", \"RANGE\", \"SLICE\"]}},\n"
	"          {\"name\": \"length\", \"type\": \"long\", \"doc\": \"items of the whole container; -1 when it contains itself here\"},\n"
	"          {\"name\": \"items\", \"doc\": \"the first items within the limits; a dict's are key, value, key, value\", \"type\": {\"type\": \"array\", \"items\": [\n"
	"            \"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\",\n"
	"            {\"type\": \"record\", \"name\": \"Object\", \"doc\": \"anything else: what it is and where, never its content\", \"fields\": [\n"
	"              {\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"ObjectKind\", \"symbols\": [\"INSTANCE\", \"CLASS\", \"FUNCTION\", \"BUILTIN\", \"METHOD\", \"MODULE\", \"CONSTANT\"]}},\n"
	"              {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index: module.qualname of the type (INSTANCE), or of the thing itself\"},\n"
	"              {\"name\": \"address\", \"type\": \"long\", \"doc\": \"0 for CLASS, MODULE and CONSTANT\"}]},\n"
	"            {\"type\": \"record\", \"name\": \"Error\", \"doc\": \"an exception\", \"fields\": [\n"
	"              {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index: qualname of its type, with module unless builtins\"},\n"
	"              {\"name\": \"address\", \"type\": \"long\"},\n"
	"              {\"name\": \"length\", \"type\": \"long\", \"doc\": \"how many args it has\"},\n"
	"              {\"name\": \"args\", \"type\": {\"type\": \"array\", \"items\": [\n"
	"                \"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\",\n"
	"                {\"type\": \"record\", \"name\": \"Redacted\", \"doc\": \"a value whose name looks like a secret's\", \"fields\": [\n"
	"                  {\"name\": \"type\", \"type\": \"long\", \"doc\": \"Name index of the type\"},\n"
	"                  {\"name\": \"tag\", \"type\": \"int\", \"doc\": \"16 bits of a hash keyed per run: equal values have equal tags\"}]},\n"
	"                {\"type\": \"record\", \"name\": \"Unset\", \"doc\": \"the local has no value any more\", \"fields\": []}]}}]},\n"
	"            \"Redacted\", \"Unset\"]}}]},\n"
	"        \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Local\", \"doc\": \"as Change, but only restated in this block, not changed\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Resize\", \"doc\": \"a Change of a container's length alone: the items it shows are as they were\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\"}, {\"name\": \"length\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Call\", \"doc\": \"a new frame becomes current; its id is this event's sequence number, its line the code's first\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"code\", \"type\": \"long\", \"doc\": \"index of a Code in this block, in order of appearance from 0\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Return\", \"doc\": \"the current frame returns; its caller becomes current\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Yield\", \"doc\": \"the current frame yields or awaits and is suspended\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Resume\", \"doc\": \"a suspended frame becomes current again\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"},\n"
	"      {\"name\": \"frame\", \"type\": \"long\", \"doc\": \"frame id\"},\n"
	"      {\"name\": \"code\", \"type\": \"long\"}, {\"name\": \"line\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Exception\", \"doc\": \"an exception is raised in, or arrives in, the current frame\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Unwind\", \"doc\": \"the current frame is left by an exception\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"ThreadStart\", \"doc\": \"the first event of a thread, itself about no frame\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Task\", \"doc\": \"another asyncio task runs in the current thread from here on\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"task\", \"type\": \"long\", \"doc\": \"number of the task in this run from 1; 0: none\"},\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Gap\", \"doc\": \"events were lost or left out here; what the stacks were is stated anew after it\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"lost\", \"type\": \"long\", \"doc\": \"how many events, -1 when unknown\"},\n"
	"      {\"name\": \"reason\", \"type\": \"long\", \"doc\": \"Name index\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Name\", \"doc\": \"defines the next Name index\", \"fields\": [\n"
	"      {\"name\": \"text\", \"type\": \"string\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Code\", \"doc\": \"defines the next Code index\", \"fields\": [\n"
	"      {\"name\": \"file\", \"type\": \"long\", \"doc\": \"Name index of the absolute path\"},\n"
	"      {\"name\": \"function\", \"type\": \"long\", \"doc\": \"Name index of the qualified name\"},\n"
	"      {\"name\": \"line\", \"type\": \"long\", \"doc\": \"first line\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Thread\", \"doc\": \"states a thread at its first event in this block, and makes it current; Frame items follow, outermost first\", \"fields\": [\n"
	"      {\"name\": \"thread\", \"type\": \"long\", \"doc\": \"number of the thread in this run from 0\"},\n"
	"      {\"name\": \"ident\", \"type\": \"long\", \"doc\": \"as threading.get_ident()\"},\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index\"},\n"
	"      {\"name\": \"hidden\", \"type\": \"long\", \"doc\": \"frames further out that are not listed\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Switch\", \"doc\": \"a thread already stated in this block becomes current\", \"fields\": [\n"
	"      {\"name\": \"thread\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Frame\", \"doc\": \"states a frame that was there before this block's first event of its thread; on the stack of the current thread, or suspended\", \"fields\": [\n"
	"      {\"name\": \"frame\", \"type\": \"long\", \"doc\": \"frame id\"},\n"
	"      {\"name\": \"code\", \"type\": \"long\"}, {\"name\": \"line\", \"type\": \"long\"},\n"
	"      {\"name\": \"suspended\", \"type\": \"boolean\", \"doc\": \"a generator or coroutine not on any stack\"}]}\n"
	"   ]}}\n"
	" ]}\n";

static const char run_started_v1[] =
	"{\"type\": \"record\", \"name\": \"RunStarted\", \"namespace\": \"smiley\",\n"
	" \"doc\": \"A traced process begins. Key: the run id as text.\",\n"
	" \"fields\": [\n"
	"  {\"name\": \"run\", \"type\": {\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}},\n"
	"  {\"name\": \"parent\", \"type\": [\"null\", \"RunId\"], \"doc\": \"run of the process that started this one\"},\n"
	"  {\"name\": \"group\", \"type\": \"string\", \"doc\": \"name that joins runs of many hosts; empty: none\"},\n"
	"  {\"name\": \"started_ns\", \"type\": \"long\", \"doc\": \"nanoseconds since 1970 UTC\"},\n"
	"  {\"name\": \"host\", \"type\": \"string\"},\n"
	"  {\"name\": \"pid\", \"type\": \"long\"},\n"
	"  {\"name\": \"user\", \"type\": \"string\"},\n"
	"  {\"name\": \"cwd\", \"type\": \"string\"},\n"
	"  {\"name\": \"argv\", \"type\": {\"type\": \"array\", \"items\": \"string\"}, \"doc\": \"as the user gave it after run, secrets redacted\"},\n"
	"  {\"name\": \"python\", \"type\": \"string\", \"doc\": \"version of the interpreter\"},\n"
	"  {\"name\": \"tracer\", \"type\": \"string\", \"doc\": \"version of smiley\"},\n"
	"  {\"name\": \"limits\", \"type\": {\"type\": \"array\", \"items\": \"string\"}, \"doc\": \"NAME=VALUE of each limit and filter in force\"}\n"
	" ]}\n";

static const char run_finished[] =
	"{\"type\": \"record\", \"name\": \"RunFinished\", \"namespace\": \"smiley\",\n"
	" \"doc\": \"The last record of a run. Key: the run id as text.\",\n"
	" \"fields\": [\n"
	"  {\"name\": \"run\", \"type\": {\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}},\n"
	"  {\"name\": \"finished_ns\", \"type\": \"long\", \"doc\": \"nanoseconds since 1970 UTC\"},\n"
	"  {\"name\": \"event_count\", \"type\": \"long\", \"doc\": \"events of the run: its sequence numbers are 0 to event_count - 1\"},\n"
	"  {\"name\": \"exit_status\", \"type\": \"long\", \"doc\": \"-1 when it died by a signal or is not known\"},\n"
	"  {\"name\": \"signal\", \"type\": \"long\", \"doc\": \"number of the signal it died by; 0: none\"},\n"
	"  {\"name\": \"lost\", \"type\": \"boolean\", \"doc\": \"nobody saw the process end (its shipper was killed)\"},\n"
	"  {\"name\": \"error_type\", \"type\": \"string\", \"doc\": \"type of the uncaught exception; empty: none\"},\n"
	"  {\"name\": \"error_message\", \"type\": \"string\", \"doc\": \"its text, as the last line of its traceback after the type\"},\n"
	"  {\"name\": \"traceback\", \"doc\": \"outermost first\", \"type\": {\"type\": \"array\", \"items\":\n"
	"    {\"type\": \"record\", \"name\": \"TracebackEntry\", \"fields\": [\n"
	"      {\"name\": \"file\", \"type\": \"string\"},\n"
	"      {\"name\": \"line\", \"type\": \"long\"},\n"
	"      {\"name\": \"function\", \"type\": \"string\"}]}}}\n"
	" ]}\n";

static const char source_file[] =
	"{\"type\": \"record\", \"name\": \"SourceFile\", \"namespace\": \"smiley\",\n"
	" \"doc\": \"The text of a file as it was when a run first ran code of it. Key: sha256 in hex.\",\n"
	" \"fields\": [\n"
	"  {\"name\": \"run\", \"type\": {\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}},\n"
	"  {\"name\": \"path\", \"type\": \"string\", \"doc\": \"absolute, as code objects name it\"},\n"
	"  {\"name\": \"sha256\", \"type\": {\"type\": \"fixed\", \"name\": \"Sha256\", \"size\": 32}, \"doc\": \"of text\"},\n"
	"  {\"name\": \"text\", \"type\": \"bytes\", \"doc\": \"as it was on disk, in the encoding that its first two lines declare (PEP 263)\"}\n"
	" ]}\n";

static const char run_deleted[] =
	"{\"type\": \"record\", \"name\": \"RunDeleted\", \"namespace\": \"smiley\",\n"
	" \"doc\": \"The run is to be gone from every view, whatever is read before or after. Key: the run id as text.\",\n"
	" \"fields\": [\n"
	"  {\"name\": \"run\", \"type\": {\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}},\n"
	"  {\"name\": \"deleted_ns\", \"type\": \"long\"}\n"
	" ]}\n";

static const char run_started[] =
	"{\"type\": \"record\", \"name\": \"RunStarted\", \"namespace\": \"smiley\",\n"
	" \"doc\": \"A traced process begins. Key: the run id as text.\",\n"
	" \"fields\": [\n"
	"  {\"name\": \"run\", \"type\": {\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}},\n"
	"  {\"name\": \"parent\", \"type\": [\"null\", \"RunId\"], \"doc\": \"run of the process that started this one\"},\n"
	"  {\"name\": \"group\", \"type\": \"string\", \"doc\": \"name that joins runs of many hosts; empty: none\"},\n"
	"  {\"name\": \"started_ns\", \"type\": \"long\", \"doc\": \"nanoseconds since 1970 UTC\"},\n"
	"  {\"name\": \"host\", \"type\": \"string\"},\n"
	"  {\"name\": \"pid\", \"type\": \"long\"},\n"
	"  {\"name\": \"user\", \"type\": \"string\"},\n"
	"  {\"name\": \"cwd\", \"type\": \"string\"},\n"
	"  {\"name\": \"argv\", \"type\": {\"type\": \"array\", \"items\": \"string\"}, \"doc\": \"as the user gave it after run, secrets redacted\"},\n"
	"  {\"name\": \"python\", \"type\": \"string\", \"doc\": \"version of the interpreter\"},\n"
	"  {\"name\": \"tracer\", \"type\": \"string\", \"doc\": \"version of smiley\"},\n"
	"  {\"name\": \"limits\", \"type\": {\"type\": \"array\", \"items\": \"string\"}, \"doc\": \"NAME=VALUE of each limit and filter in force\"},\n"
	"  {\"name\": \"boot_id\", \"type\": \"string\", \"default\": \"\", \"doc\": \"of the host: tells two hosts of one name, and reboots; empty: not known\"},\n"
	"  {\"name\": \"container\", \"type\": \"string\", \"default\": \"\", \"doc\": \"id of the container or pod; empty: none\"},\n"
	"  {\"name\": \"parent_seq\", \"type\": \"long\", \"default\": -1, \"doc\": \"events of the parent before this one came before the start; -1: not known\"},\n"
	"  {\"name\": \"clock_offset_ns\", \"type\": \"long\", \"default\": 0, \"doc\": \"was added to the host's clock in all times of this run, so that none is before the parent's call that started it\"}\n"
	" ]}\n";

static const char child_untraced[] =
	"{\"type\": \"record\", \"name\": \"ChildUntraced\", \"namespace\": \"smiley\",\n"
	" \"doc\": \"A traced process has started another that is not traced. Key: the run id as text.\",\n"
	" \"fields\": [\n"
	"  {\"name\": \"run\", \"type\": {\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}, \"doc\": \"the process that started it\"},\n"
	"  {\"name\": \"seq\", \"type\": \"long\", \"doc\": \"events of the run before this one came before the start\"},\n"
	"  {\"name\": \"time_ns\", \"type\": \"long\", \"doc\": \"nanoseconds since 1970 UTC\"},\n"
	"  {\"name\": \"argv\", \"type\": {\"type\": \"array\", \"items\": \"string\"}, \"doc\": \"secrets redacted\"},\n"
	"  {\"name\": \"reason\", \"type\": \"string\", \"doc\": \"why it is not traced: started with -I\"}\n"
	" ]}\n";

static const char trace_block_v2[] =
	"{\"type\": \"record\", \"name\": \"TraceBlock\", \"namespace\": \"smiley\",\n"
	" \"doc\": \"Consecutive events of one run. Decodes alone: names, code objects, stacks and locals that its events need are stated inside it.\",\n"
	" \"fields\": [\n"
	"  {\"name\": \"run\", \"type\": {\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}},\n"
	"  {\"name\": \"first_seq\", \"type\": \"long\", \"doc\": \"sequence number of the first event in items\"},\n"
	"  {\"name\": \"event_count\", \"type\": \"long\", \"doc\": \"how many of the items are events (Line, Call, Return, Yield, Resume, Exception, Unwind, ThreadStart, Task, Gap); the others state or change what events refer to\"},\n"
	"  {\"name\": \"base_ns\", \"type\": \"long\", \"doc\": \"wall clock, nanoseconds since 1970 UTC, from which the first event's dt counts\"},\n"
	"  {\"name\": \"items\", \"type\": {\"type\": \"array\", \"items\": [\n"
	"    {\"type\": \"record\", \"name\": \"Line\", \"doc\": \"a line is about to run in the current frame\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\", \"doc\": \"nanoseconds since the event before, in this block\"},\n"
	"      {\"name\": \"dline\", \"type\": \"long\", \"doc\": \"line minus the frame's last line\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Change\", \"doc\": \"a local of the current frame has changed since the frame's event before\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"index of a Name in this block, in order of appearance from 0\"},\n"
	"      {\"name\": \"value\", \"type\": [\n"
	"        \"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\",\n"
	"        {\"type\": \"record\", \"name\": \"BigInt\", \"doc\": \"an int beyond 64 bits\", \"fields\": [\n"
	"          {\"name\": \"bits\", \"type\": \"long\", \"doc\": \"bit length of the absolute value\"},\n"
	"          {\"name\": \"digits\", \"type\": \"bytes\", \"doc\": \"two's complement, big-endian; empty when over the limit\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Text\", \"doc\": \"a str that was cut or holds lone surrogates\", \"fields\": [\n"
	"          {\"name\": \"length\", \"type\": \"long\", \"doc\": \"characters of the whole str\"},\n"
	"          {\"name\": \"text\", \"type\": \"bytes\", \"doc\": \"its beginning, UTF-8 with lone surrogates passed through\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Blob\", \"doc\": \"a bytes or bytearray that was cut, or any bytearray\", \"fields\": [\n"
	"          {\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"BlobKind\", \"symbols\": [\"BYTES\", \"BYTEARRAY\"]}},\n"
	"          {\"name\": \"length\", \"type\": \"long\"},\n"
	"          {\"name\": \"data\", \"type\": \"bytes\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Complex\", \"fields\": [\n"
	"          {\"name\": \"real\", \"type\": \"double\"}, {\"name\": \"imag\", \"type\": \"double\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Container\", \"fields\": [\n"
	"          {\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"ContainerKind\", \"symbols\": [\"LIST\", \"TUPLE\", \"SET\", \"FROZENSET\", \"DICT\", \"DEQUE\", \"RANGE\", \"SLICE\"]}},\n"
	"          {\"name\": \"length\", \"type\": \"long\", \"doc\": \"items of the whole container; -1 when it contains itself here\"},\n"
	"          {\"name\": \"items\", \"doc\": \"the first items within the limits; a dict's are key, value, key, value\", \"type\": {\"type\": \"array\", \"items\": [\n"
	"            \"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\",\n"
	"            {\"type\": \"record\", \"name\": \"Object\", \"doc\": \"anything else: what it is and where, never its content\", \"fields\": [\n"
	"              {\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"ObjectKind\", \"symbols\": [\"INSTANCE\", \"CLASS\", \"FUNCTION\", \"BUILTIN\", \"METHOD\", \"MODULE\", \"CONSTANT\"]}},\n"
	"              {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index: module.qualname of the type (INSTANCE), or of the thing itself\"},\n"
	"              {\"name\": \"address\", \"type\": \"long\", \"doc\": \"0 for CLASS, MODULE and CONSTANT\"}]},\n"
	"            {\"type\": \"record\", \"name\": \"Error\", \"doc\": \"an exception\", \"fields\": [\n"
	"              {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index: qualname of its type, with module unless builtins\"},\n"
	"              {\"name\": \"address\", \"type\": \"long\"},\n"
	"              {\"name\": \"length\", \"type\": \"long\", \"doc\": \"how many args it has\"},\n"
	"              {\"name\": \"args\", \"type\": {\"type\": \"array\", \"items\": [\n"
	"                \"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\",\n"
	"                {\"type\": \"record\", \"name\": \"Redacted\", \"doc\": \"a value whose name looks like a secret's\", \"fields\": [\n"
	"                  {\"name\": \"type\", \"type\": \"long\", \"doc\": \"Name index of the type\"},\n"
	"                  {\"name\": \"tag\", \"type\": \"int\", \"doc\": \"16 bits of a hash keyed per run: equal values have equal tags\"}]},\n"
	"                {\"type\": \"record\", \"name\": \"Unset\", \"doc\": \"the local has no value any more\", \"fields\": []}]}}]},\n"
	"            \"Redacted\", \"Unset\"]}}]},\n"
	"        \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Local\", \"doc\": \"as Change, but only restated in this block, not changed\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Resize\", \"doc\": \"a Change of a container's length alone: the items it shows are as they were\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\"}, {\"name\": \"length\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Call\", \"doc\": \"a new frame becomes current; its id is this event's sequence number, its line the code's first\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"code\", \"type\": \"long\", \"doc\": \"index of a Code in this block, in order of appearance from 0\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Return\", \"doc\": \"the current frame returns; its caller becomes current\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Yield\", \"doc\": \"the current frame yields or awaits and is suspended\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Resume\", \"doc\": \"a suspended frame becomes current again\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"},\n"
	"      {\"name\": \"frame\", \"type\": \"long\", \"doc\": \"frame id\"},\n"
	"      {\"name\": \"code\", \"type\": \"long\"}, {\"name\": \"line\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Exception\", \"doc\": \"an exception is raised in, or arrives in, the current frame\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Unwind\", \"doc\": \"the current frame is left by an exception\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"ThreadStart\", \"doc\": \"the first event of a thread, itself about no frame\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Task\", \"doc\": \"another asyncio task runs in the current thread from here on\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"task\", \"type\": \"long\", \"doc\": \"number of the task in this run from 1; 0: none\"},\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Gap\", \"doc\": \"events were lost or left out here; what the stacks were is stated anew after it\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"lost\", \"type\": \"long\", \"doc\": \"how many events, -1 when unknown\"},\n"
	"      {\"name\": \"reason\", \"type\": \"long\", \"doc\": \"Name index\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Name\", \"doc\": \"defines the next Name index\", \"fields\": [\n"
	"      {\"name\": \"text\", \"type\": \"string\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Code\", \"doc\": \"defines the next Code index\", \"fields\": [\n"
	"      {\"name\": \"file\", \"type\": \"long\", \"doc\": \"Name index of the absolute path\"},\n"
	"      {\"name\": \"function\", \"type\": \"long\", \"doc\": \"Name index of the qualified name\"},\n"
	"      {\"name\": \"line\", \"type\": \"long\", \"doc\": \"first line\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Thread\", \"doc\": \"states a thread at its first event in this block, and makes it current; Frame items follow, outermost first\", \"fields\": [\n"
	"      {\"name\": \"thread\", \"type\": \"long\", \"doc\": \"number of the thread in this run from 0\"},\n"
	"      {\"name\": \"ident\", \"type\": \"long\", \"doc\": \"as threading.get_ident()\"},\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index\"},\n"
	"      {\"name\": \"hidden\", \"type\": \"long\", \"doc\": \"frames further out that are not listed\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Switch\", \"doc\": \"a thread already stated in this block becomes current\", \"fields\": [\n"
	"      {\"name\": \"thread\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Frame\", \"doc\": \"states a frame that was there before this block's first event of its thread; on the stack of the current thread, or suspended\", \"fields\": [\n"
	"      {\"name\": \"frame\", \"type\": \"long\", \"doc\": \"frame id\"},\n"
	"      {\"name\": \"code\", \"type\": \"long\"}, {\"name\": \"line\", \"type\": \"long\"},\n"
	"      {\"name\": \"suspended\", \"type\": \"boolean\", \"doc\": \"a generator or coroutine not on any stack\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Cost\", \"doc\": \"directly behind a Code: what the tracer takes for an event of it, nanoseconds, as measured so far; since schema 8, as all that follows\", \"fields\": [\n"
	"      {\"name\": \"before\", \"type\": \"long\", \"doc\": \"from when the program gets there to the event's time\"},\n"
	"      {\"name\": \"line\", \"type\": \"long\", \"doc\": \"from the event's time on: for a Line or an Exception\"},\n"
	"      {\"name\": \"enter\", \"type\": \"long\", \"doc\": \"for a Call or a Resume\"},\n"
	"      {\"name\": \"leave\", \"type\": \"long\", \"doc\": \"for a Return, a Yield or an Unwind\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Pause\", \"doc\": \"between the event before and the next one the tracer stopped the program for something else\", \"fields\": [\n"
	"      {\"name\": \"ns\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Builtin\", \"doc\": \"before the next event its thread's innermost frame called a function written in C, which has returned\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index, as cProfile names it\"},\n"
	"      {\"name\": \"calls\", \"type\": \"long\"},\n"
	"      {\"name\": \"ns\", \"type\": \"long\", \"doc\": \"that they took, without recorded frames that they called and without the tracer\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Through\", \"doc\": \"the Call or Resume that comes next was made by a function written in C, which its caller had called\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index, as Builtin's\"}]}\n"
	"   ]}}\n"
	" ]}\n";

static const char trace_block[] =
	"{\"type\": \"record\", \"name\": \"TraceBlock\", \"namespace\": \"smiley\",\n"
	" \"doc\": \"Consecutive events of one run. Decodes alone: names, code objects, stacks and locals that its events need are stated inside it.\",\n"
	" \"fields\": [\n"
	"  {\"name\": \"run\", \"type\": {\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}},\n"
	"  {\"name\": \"first_seq\", \"type\": \"long\", \"doc\": \"sequence number of the first event in items\"},\n"
	"  {\"name\": \"event_count\", \"type\": \"long\", \"doc\": \"how many of the items are events (Line, Call, Return, Yield, Resume, Exception, Unwind, ThreadStart, Task, Gap); the others state or change what events refer to\"},\n"
	"  {\"name\": \"base_ns\", \"type\": \"long\", \"doc\": \"wall clock, nanoseconds since 1970 UTC, from which the first event's dt counts\"},\n"
	"  {\"name\": \"items\", \"type\": {\"type\": \"array\", \"items\": [\n"
	"    {\"type\": \"record\", \"name\": \"Line\", \"doc\": \"a line is about to run in the current frame\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\", \"doc\": \"nanoseconds since the event before, in this block\"},\n"
	"      {\"name\": \"dline\", \"type\": \"long\", \"doc\": \"line minus the frame's last line\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Change\", \"doc\": \"a local of the current frame has changed since the frame's event before\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"index of a Name in this block, in order of appearance from 0\"},\n"
	"      {\"name\": \"value\", \"type\": [\n"
	"        \"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\",\n"
	"        {\"type\": \"record\", \"name\": \"BigInt\", \"doc\": \"an int beyond 64 bits\", \"fields\": [\n"
	"          {\"name\": \"bits\", \"type\": \"long\", \"doc\": \"bit length of the absolute value\"},\n"
	"          {\"name\": \"digits\", \"type\": \"bytes\", \"doc\": \"two's complement, big-endian; empty when over the limit\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Text\", \"doc\": \"a str that was cut or holds lone surrogates\", \"fields\": [\n"
	"          {\"name\": \"length\", \"type\": \"long\", \"doc\": \"characters of the whole str\"},\n"
	"          {\"name\": \"text\", \"type\": \"bytes\", \"doc\": \"its beginning, UTF-8 with lone surrogates passed through\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Blob\", \"doc\": \"a bytes or bytearray that was cut, or any bytearray\", \"fields\": [\n"
	"          {\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"BlobKind\", \"symbols\": [\"BYTES\", \"BYTEARRAY\"]}},\n"
	"          {\"name\": \"length\", \"type\": \"long\"},\n"
	"          {\"name\": \"data\", \"type\": \"bytes\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Complex\", \"fields\": [\n"
	"          {\"name\": \"real\", \"type\": \"double\"}, {\"name\": \"imag\", \"type\": \"double\"}]},\n"
	"        {\"type\": \"record\", \"name\": \"Container\", \"fields\": [\n"
	"          {\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"ContainerKind\", \"symbols\": [\"LIST\", \"TUPLE\", \"SET\", \"FROZENSET\", \"DICT\", \"DEQUE\", \"RANGE\", \"SLICE\"]}},\n"
	"          {\"name\": \"length\", \"type\": \"long\", \"doc\": \"items of the whole container; -1 when it contains itself here\"},\n"
	"          {\"name\": \"items\", \"doc\": \"the first items within the limits; a dict's are key, value, key, value\", \"type\": {\"type\": \"array\", \"items\": [\n"
	"            \"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\",\n"
	"            {\"type\": \"record\", \"name\": \"Object\", \"doc\": \"anything else: what it is and where, never its content\", \"fields\": [\n"
	"              {\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"ObjectKind\", \"symbols\": [\"INSTANCE\", \"CLASS\", \"FUNCTION\", \"BUILTIN\", \"METHOD\", \"MODULE\", \"CONSTANT\"]}},\n"
	"              {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index: module.qualname of the type (INSTANCE), or of the thing itself\"},\n"
	"              {\"name\": \"address\", \"type\": \"long\", \"doc\": \"0 for CLASS, MODULE and CONSTANT\"}]},\n"
	"            {\"type\": \"record\", \"name\": \"Error\", \"doc\": \"an exception\", \"fields\": [\n"
	"              {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index: qualname of its type, with module unless builtins\"},\n"
	"              {\"name\": \"address\", \"type\": \"long\"},\n"
	"              {\"name\": \"length\", \"type\": \"long\", \"doc\": \"how many args it has\"},\n"
	"              {\"name\": \"args\", \"type\": {\"type\": \"array\", \"items\": [\n"
	"                \"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\",\n"
	"                {\"type\": \"record\", \"name\": \"Redacted\", \"doc\": \"a value whose name looks like a secret's\", \"fields\": [\n"
	"                  {\"name\": \"type\", \"type\": \"long\", \"doc\": \"Name index of the type\"},\n"
	"                  {\"name\": \"tag\", \"type\": \"int\", \"doc\": \"16 bits of a hash keyed per run: equal values have equal tags\"}]},\n"
	"                {\"type\": \"record\", \"name\": \"Unset\", \"doc\": \"the local has no value any more\", \"fields\": []}]}}]},\n"
	"            \"Redacted\", \"Unset\"]}}]},\n"
	"        \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Local\", \"doc\": \"as Change, but only restated in this block, not changed\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Resize\", \"doc\": \"a Change of a container's length alone: the items it shows are as they were\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\"}, {\"name\": \"length\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Call\", \"doc\": \"a new frame becomes current; its id is this event's sequence number, its line the code's first\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"code\", \"type\": \"long\", \"doc\": \"index of a Code in this block, in order of appearance from 0\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Return\", \"doc\": \"the current frame returns; its caller becomes current\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Yield\", \"doc\": \"the current frame yields or awaits and is suspended\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Resume\", \"doc\": \"a suspended frame becomes current again\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"},\n"
	"      {\"name\": \"frame\", \"type\": \"long\", \"doc\": \"frame id\"},\n"
	"      {\"name\": \"code\", \"type\": \"long\"}, {\"name\": \"line\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Exception\", \"doc\": \"an exception is raised in, or arrives in, the current frame\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"},\n"
	"      {\"name\": \"value\", \"type\": [\"null\", \"boolean\", \"long\", \"double\", \"string\", \"bytes\", \"BigInt\", \"Text\", \"Blob\", \"Complex\", \"Container\", \"Object\", \"Error\", \"Redacted\", \"Unset\"]}]},\n"
	"    {\"type\": \"record\", \"name\": \"Unwind\", \"doc\": \"the current frame is left by an exception\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"dline\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"ThreadStart\", \"doc\": \"the first event of a thread, itself about no frame\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Task\", \"doc\": \"another asyncio task runs in the current thread from here on\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"task\", \"type\": \"long\", \"doc\": \"number of the task in this run from 1; 0: none\"},\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Gap\", \"doc\": \"events were lost or left out here; what the stacks were is stated anew after it\", \"fields\": [\n"
	"      {\"name\": \"dt\", \"type\": \"long\"}, {\"name\": \"lost\", \"type\": \"long\", \"doc\": \"how many events, -1 when unknown\"},\n"
	"      {\"name\": \"reason\", \"type\": \"long\", \"doc\": \"Name index\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Name\", \"doc\": \"defines the next Name index\", \"fields\": [\n"
	"      {\"name\": \"text\", \"type\": \"string\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Code\", \"doc\": \"defines the next Code index\", \"fields\": [\n"
	"      {\"name\": \"file\", \"type\": \"long\", \"doc\": \"Name index of the absolute path\"},\n"
	"      {\"name\": \"function\", \"type\": \"long\", \"doc\": \"Name index of the qualified name\"},\n"
	"      {\"name\": \"line\", \"type\": \"long\", \"doc\": \"first line\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Thread\", \"doc\": \"states a thread at its first event in this block, and makes it current; Frame items follow, outermost first\", \"fields\": [\n"
	"      {\"name\": \"thread\", \"type\": \"long\", \"doc\": \"number of the thread in this run from 0\"},\n"
	"      {\"name\": \"ident\", \"type\": \"long\", \"doc\": \"as threading.get_ident()\"},\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index\"},\n"
	"      {\"name\": \"hidden\", \"type\": \"long\", \"doc\": \"frames further out that are not listed\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Switch\", \"doc\": \"a thread already stated in this block becomes current\", \"fields\": [\n"
	"      {\"name\": \"thread\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Frame\", \"doc\": \"states a frame that was there before this block's first event of its thread; on the stack of the current thread, or suspended\", \"fields\": [\n"
	"      {\"name\": \"frame\", \"type\": \"long\", \"doc\": \"frame id\"},\n"
	"      {\"name\": \"code\", \"type\": \"long\"}, {\"name\": \"line\", \"type\": \"long\"},\n"
	"      {\"name\": \"suspended\", \"type\": \"boolean\", \"doc\": \"a generator or coroutine not on any stack\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Cost\", \"doc\": \"directly behind a Code: what the tracer takes for an event of it, nanoseconds, as measured so far; since schema 8, as all that follows\", \"fields\": [\n"
	"      {\"name\": \"before\", \"type\": \"long\", \"doc\": \"from when the program gets there to the event's time\"},\n"
	"      {\"name\": \"line\", \"type\": \"long\", \"doc\": \"from the event's time on: for a Line or an Exception\"},\n"
	"      {\"name\": \"enter\", \"type\": \"long\", \"doc\": \"for a Call or a Resume\"},\n"
	"      {\"name\": \"leave\", \"type\": \"long\", \"doc\": \"for a Return, a Yield or an Unwind\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Pause\", \"doc\": \"between the event before and the next one the tracer stopped the program for something else\", \"fields\": [\n"
	"      {\"name\": \"ns\", \"type\": \"long\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Builtin\", \"doc\": \"before the next event its thread's innermost frame called a function written in C, which has returned\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index, as cProfile names it\"},\n"
	"      {\"name\": \"calls\", \"type\": \"long\"},\n"
	"      {\"name\": \"ns\", \"type\": \"long\", \"doc\": \"that they took, without recorded frames that they called and without the tracer\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Through\", \"doc\": \"the Call or Resume that comes next was made by a function written in C, which its caller had called\", \"fields\": [\n"
	"      {\"name\": \"name\", \"type\": \"long\", \"doc\": \"Name index, as Builtin's\"}]},\n"
	"    {\"type\": \"record\", \"name\": \"Pace\", \"doc\": \"behind a Code, or its Cost: what passes of the program's own time, nanoseconds, in this code between two events, when it is less than 20 microseconds, as sampled so far; since schema 9\", \"fields\": [\n"
	"      {\"name\": \"line\", \"type\": \"long\", \"doc\": \"from a Line or an Exception on\"},\n"
	"      {\"name\": \"enter\", \"type\": \"long\", \"doc\": \"from a Call or a Resume on\"},\n"
	"      {\"name\": \"leave\", \"type\": \"long\", \"doc\": \"from another code's Return, Yield or Unwind on\"}]}\n"
	"   ]}}\n"
	" ]}\n";

const char *schema_text(enum schema_id id)
{
	switch (id) {
	case SCHEMA_TRACE_BLOCK_V1:
		return trace_block_v1;
	case SCHEMA_RUN_STARTED_V1:
		return run_started_v1;
	case SCHEMA_RUN_FINISHED:
		return run_finished;
	case SCHEMA_SOURCE_FILE:
		return source_file;
	case SCHEMA_RUN_DELETED:
		return run_deleted;
	case SCHEMA_RUN_STARTED:
		return run_started;
	case SCHEMA_CHILD_UNTRACED:
		return child_untraced;
	case SCHEMA_TRACE_BLOCK_V2:
		return trace_block_v2;
	case SCHEMA_TRACE_BLOCK:
		return trace_block;
	}
	return NULL;
}

const char *schema_name(enum schema_id id)
{
	switch (id) {
	case SCHEMA_TRACE_BLOCK_V1:
		return "trace_block";
	case SCHEMA_RUN_STARTED_V1:
		return "run_started";
	case SCHEMA_RUN_FINISHED:
		return "run_finished";
	case SCHEMA_SOURCE_FILE:
		return "source_file";
	case SCHEMA_RUN_DELETED:
		return "run_deleted";
	case SCHEMA_RUN_STARTED:
		return "run_started";
	case SCHEMA_CHILD_UNTRACED:
		return "child_untraced";
	case SCHEMA_TRACE_BLOCK_V2:
		return "trace_block";
	case SCHEMA_TRACE_BLOCK:
		return "trace_block";
	}
	return NULL;
}

int schema_version(enum schema_id id)
{
	switch (id) {
	case SCHEMA_TRACE_BLOCK_V1:
		return 1;
	case SCHEMA_RUN_STARTED_V1:
		return 1;
	case SCHEMA_RUN_FINISHED:
		return 1;
	case SCHEMA_SOURCE_FILE:
		return 1;
	case SCHEMA_RUN_DELETED:
		return 1;
	case SCHEMA_RUN_STARTED:
		return 2;
	case SCHEMA_CHILD_UNTRACED:
		return 1;
	case SCHEMA_TRACE_BLOCK_V2:
		return 2;
	case SCHEMA_TRACE_BLOCK:
		return 3;
	}
	return 0;
}
