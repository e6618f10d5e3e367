use pitaya_protocol::Notify;

const ROUTE: Notify<()> = Notify::new("room..join");

fn main() {
    println!("{ROUTE:?}");
}
