// All that needs no other package.

export * from 'pitaya-client';
export * as inline from 'pitaya-client/inline';
export * as js from 'pitaya-client/js';
export * as protobuf from 'pitaya-client/protobuf';
export * as testing from 'pitaya-client/testing';
