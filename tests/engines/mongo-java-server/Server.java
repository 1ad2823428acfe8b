// SPDX-License-Identifier: Apache-2.0
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.h2.H2Backend;

/** Speaks MongoDB's protocol on an H2 file until it is killed: a server for tests. Arguments: port, file. */
class Server {
  public static void main(String[] arguments) {
    MongoServer server = new MongoServer(new H2Backend(arguments[1]));

    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
  }
}
