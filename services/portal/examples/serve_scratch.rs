use zhijian_platform::Clients;
#[tokio::main]
async fn main() {
    let grpc = "http://127.0.0.1:8192".to_owned();
    let clients = Clients::at(["identity", "submission", "review", "publication"].map(|s| (s, grpc.clone())))
        .expect("url");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8199").await.expect("port");
    axum::serve(listener, zhijian_portal::router_on(clients)).await.expect("serve");
}
