use pitaya_protocol::Request;

const ROUTE: Request<(), ()> = Request::new("");

fn main() {
    println!("{ROUTE:?}");
}
