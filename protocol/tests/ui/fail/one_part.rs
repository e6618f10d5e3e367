use pitaya_protocol::Request;

const ROUTE: Request<(), ()> = Request::new("room");

fn main() {
    println!("{ROUTE:?}");
}
