// Guests, package managers and sshd share this machine: what runs at once would time each other out.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
