// The backends listen, say where, and are told where the gateway is; then the clients call through it.
const assert = require('node:assert/strict');
const http = require('node:http');
const readline = require('node:readline');
const test = require('node:test');
const grpc = require('@grpc/grpc-js');
const { WebSocket, WebSocketServer } = require('ws');

const same = value => value;
const method = (path, requestStream, responseStream) => ({
  path, requestStream, responseStream, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same,
});
const kinds = prefix => ({
  unary: method(`${prefix}/shop.Orders/Unary`, false, false),
  serverStream: method(`${prefix}/shop.Orders/ServerStream`, false, true),
  clientStream: method(`${prefix}/shop.Orders/ClientStream`, true, false),
  both: method(`${prefix}/shop.Orders/Both`, true, true),
});

let cancelled = 0;
async function startBackends() {
  const orders = new grpc.Server();
  const trailer = new grpc.Metadata();
  trailer.set('x-served', 'yes');
  orders.addService(kinds(''), {
    unary(call, done) {
      const text = call.request.toString();
      if (text === 'slow') { call.on('cancelled', () => { cancelled++; }); return; }
      if (text === 'wrong') { done({ code: grpc.status.FAILED_PRECONDITION, details: 'not so', metadata: trailer }); return; }
      done(null, Buffer.from(`got ${text}`), trailer);
    },
    serverStream(call) {
      for (let i = 0; i < 5; i++) call.write(Buffer.from(`${call.request} ${i}`));
      call.end(trailer);
    },
    clientStream(call, done) {
      let total = 0;
      call.on('data', piece => { total += piece.length; });
      call.on('end', () => done(null, Buffer.from(String(total)), trailer));
    },
    both(call) {
      call.on('data', piece => call.write(Buffer.from(`${piece}!`)));
      call.on('end', () => call.end(trailer));
    },
  });
  const grpcPort = await new Promise((resolve, reject) =>
    orders.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (failed, port) => failed ? reject(failed) : resolve(port)));

  const server = http.createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: offered => offered.has('chat') ? 'chat' : false });
  const closes = [];
  sockets.on('connection', socket => {
    socket.on('message', (data, binary) => data.toString() === 'bye' ? socket.close(4001, 'as you wish') : socket.send(data, { binary }));
    socket.on('ping', data => closes.push(`ping ${data}`));
    socket.on('close', (code, reason) => closes.push(`close ${code} ${reason}`));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return { grpcPort, wsPort: server.address().port, closes, stop() { orders.forceShutdown(); sockets.close(); server.closeAllConnections(); server.close(); } };
}

async function main() {
  const backends = await startBackends();
  console.log(JSON.stringify({ grpc: backends.grpcPort, ws: backends.wsPort }));
  const lines = readline.createInterface({ input: process.stdin });
  const gateway = JSON.parse(await new Promise(resolve => lines.once('line', resolve)));
  lines.close();
  const plain = new (grpc.makeGenericClientConstructor(kinds('/grpc'), 'Orders'))(gateway.http, grpc.credentials.createInsecure());
  const secure = new (grpc.makeGenericClientConstructor(kinds('/grpc'), 'Orders'))(
    gateway.https, grpc.credentials.createSsl(null, null, null, { rejectUnauthorized: false }));

  for (const [way, client] of [['with prior knowledge', plain], ['over TLS', secure]]) {
    test(`gRPC ${way}: unary, with a trailer`, () => new Promise((resolve, reject) => {
      let status;
      const call = client.unary(Buffer.from('one'), (failed, answer) => {
        if (failed) { reject(failed); return; }
        assert.equal(answer.toString(), 'got one');
        setImmediate(() => { assert.deepEqual(status.metadata.get('x-served'), ['yes']); resolve(); });
      });
      call.on('status', seen => { status = seen; });
    }));

    test(`gRPC ${way}: a status that is an error`, () => new Promise((resolve, reject) => {
      client.unary(Buffer.from('wrong'), failed => {
        try {
          assert.equal(failed.code, grpc.status.FAILED_PRECONDITION);
          assert.equal(failed.details, 'not so');
          assert.deepEqual(failed.metadata.get('x-served'), ['yes']);
          resolve();
        } catch (wrong) { reject(wrong); }
      });
    }));

    test(`gRPC ${way}: server streaming`, async () => {
      const seen = [];
      const call = client.serverStream(Buffer.from('item'));
      for await (const piece of call) seen.push(piece.toString());
      assert.deepEqual(seen, ['item 0', 'item 1', 'item 2', 'item 3', 'item 4']);
    });

    test(`gRPC ${way}: client streaming, a megabyte`, () => new Promise((resolve, reject) => {
      const call = client.clientStream((failed, answer) => failed ? reject(failed) : resolve(assert.equal(answer.toString(), String(16 * 65536))));
      for (let i = 0; i < 16; i++) call.write(Buffer.alloc(65536, i));
      call.end();
    }));

    test(`gRPC ${way}: both ways, question by question`, async () => {
      const call = client.both();
      const answers = call[Symbol.asyncIterator]();
      for (const question of ['a', 'b', 'c']) {
        call.write(Buffer.from(question));
        assert.equal((await answers.next()).value.toString(), `${question}!`);
      }
      call.end();
      assert.equal((await answers.next()).done, true);
    });
  }

  test('gRPC: a deadline ends the call on both sides', async () => {
    const before = cancelled;
    const failed = await new Promise(resolve => plain.unary(Buffer.from('slow'), new grpc.Metadata(), { deadline: Date.now() + 300 }, resolve));
    assert.equal(failed.code, grpc.status.DEADLINE_EXCEEDED);
    for (let i = 0; i < 200 && cancelled === before; i++) await new Promise(resolve => setTimeout(resolve, 50));
    assert.equal(cancelled, before + 1);
  });

  test('WebSocket: texts and bytes pass, ping too, and the caller closes', async () => {
    const socket = new WebSocket(`ws://${gateway.http}/chat`, 'chat');
    await new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject); });
    assert.equal(socket.protocol, 'chat');
    const messages = [];
    socket.on('message', (data, binary) => messages.push([data, binary]));
    socket.send('text');
    socket.send(Buffer.alloc(100000, 7));
    const ponged = new Promise(resolve => socket.on('pong', resolve));
    socket.ping('there?');
    assert.equal((await ponged).toString(), 'there?');
    for (let i = 0; i < 200 && messages.length < 2; i++) await new Promise(resolve => setTimeout(resolve, 50));
    assert.equal(messages[0][0].toString(), 'text');
    assert.deepEqual([messages[1][0].length, messages[1][1]], [100000, true]);
    const closed = new Promise(resolve => socket.on('close', (code, reason) => resolve(`${code} ${reason}`)));
    socket.close(4000, 'enough');
    assert.equal(await closed, '4000 enough');
    for (let i = 0; i < 200 && !backends.closes.includes('close 4000 enough'); i++) await new Promise(resolve => setTimeout(resolve, 50));
    assert.ok(backends.closes.includes('close 4000 enough'), backends.closes.join());
  });

  test('WebSocket over TLS: the backend closes', async () => {
    const socket = new WebSocket(`wss://${gateway.https}/chat`, { rejectUnauthorized: false });
    await new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject); });
    const closed = new Promise(resolve => socket.on('close', (code, reason) => resolve(`${code} ${reason}`)));
    socket.send('bye');
    assert.equal(await closed, '4001 as you wish');
  });

  test('WebSocket: a path that is no API is refused', async () => {
    const socket = new WebSocket(`ws://${gateway.http}/none`);
    const failed = await new Promise(resolve => socket.on('error', resolve));
    assert.match(failed.message, /404/);
  });

  test.after(() => { plain.close(); secure.close(); backends.stop(); });
}

main();
