namespace OpenCharly.Foundation;

/// <content>Virtual machines and images (vm.md §12).</content>
public static partial class Errors
{
    /// <summary>QEMU is missing or exits at once.</summary>
    public static readonly ErrorCode QemuSpawn = new("qemu.spawn_failed", ErrorKind.Failed);

    /// <summary>QEMU's control socket is silent.</summary>
    public static readonly ErrorCode QmpConnect = new("qemu.qmp_connect_failed", ErrorKind.Failed);

    /// <summary>QEMU refused a control command.</summary>
    public static readonly ErrorCode QmpCommand = new("qemu.qmp_command_failed", ErrorKind.Failed);

    /// <summary>A copy-on-write overlay could not be made.</summary>
    public static readonly ErrorCode ImageOverlay = new("image.overlay_creation_failed", ErrorKind.Failed);

    /// <summary>An image could not be downloaded.</summary>
    public static readonly ErrorCode ImageDownload = new("image.download_failed", ErrorKind.Unreachable);

    /// <summary>A downloaded image has another digest than expected.</summary>
    public static readonly ErrorCode ImageChecksum = new("image.checksum_mismatch", ErrorKind.Failed);

    /// <summary>The format of an image can't be told.</summary>
    public static readonly ErrorCode ImageFormat = new("image.format_detection_failed", ErrorKind.Failed);

    /// <summary>An image could not be converted.</summary>
    public static readonly ErrorCode ImageConversion = new("image.conversion_failed", ErrorKind.Failed);

    /// <summary>No image of that name or path.</summary>
    public static readonly ErrorCode ImageNotFound = new("image.not_found", ErrorKind.NotFound);

    /// <summary>A root file system or disk could not be built.</summary>
    public static readonly ErrorCode BootstrapFailed = new("image.bootstrap_failed", ErrorKind.Failed);

    /// <summary>The guest got no address in time.</summary>
    public static readonly ErrorCode IpTimeout = new("network.ip_discovery_timeout", ErrorKind.Unreachable);

    /// <summary>A host port is taken.</summary>
    public static readonly ErrorCode PortInUse = new("network.port_in_use", ErrorKind.WrongState);

    /// <summary>A tap device could not be made.</summary>
    public static readonly ErrorCode TapFailed = new("network.tap_failed", ErrorKind.Failed);

    /// <summary>No program could write the seed image.</summary>
    public static readonly ErrorCode IsoFailed = new("cloudinit.iso_failed", ErrorKind.Failed);

    /// <summary>A connection, command or copy over ssh failed.</summary>
    public static readonly ErrorCode SshFailed = new("ssh.failed", ErrorKind.Unreachable);

    /// <summary>The machine presents another host key than recorded.</summary>
    public static readonly ErrorCode SshHostKey = new("ssh.host_key_changed", ErrorKind.Refused);

    /// <summary>A key pair could not be made.</summary>
    public static readonly ErrorCode SshKeygen = new("ssh.keygen_failed", ErrorKind.Failed);

    /// <summary>No public key was found.</summary>
    public static readonly ErrorCode SshNoKey = new("ssh.no_key", ErrorKind.NotFound);

    /// <summary>No virtual machine of that name.</summary>
    public static readonly ErrorCode VmNotFound = new("vm.not_found", ErrorKind.NotFound);

    /// <summary>The machine is not in a state that allows this.</summary>
    public static readonly ErrorCode VmState = new("vm.invalid_state", ErrorKind.WrongState);

    /// <summary>The machine is running already.</summary>
    public static readonly ErrorCode VmAlreadyRunning = new("vm.already_running", ErrorKind.WrongState);

    /// <summary>The machine is not running.</summary>
    public static readonly ErrorCode VmNotRunning = new("vm.not_running", ErrorKind.WrongState);

    /// <summary>A machine of that name exists.</summary>
    public static readonly ErrorCode VmNameExists = new("vm.name_exists", ErrorKind.WrongState);

    /// <summary>A vm entity is invalid.</summary>
    public static readonly ErrorCode VmValidation = new("vm.validation", ErrorKind.Usage);

    /// <summary>The machine's disk has not been built.</summary>
    public static readonly ErrorCode VmNotBuilt = new("vm.not_built", ErrorKind.WrongState);

    /// <summary>The machine has not been created.</summary>
    public static readonly ErrorCode VmNotCreated = new("vm.not_created", ErrorKind.WrongState);

    /// <summary>The machine survives all signals.</summary>
    public static readonly ErrorCode VmStop = new("vm.stop_failed", ErrorKind.Failed);

    /// <summary>The machine did not come back after a reboot.</summary>
    public static readonly ErrorCode VmReboot = new("vm.reboot_timeout", ErrorKind.Unreachable);

    /// <summary>What was waited for did not happen in time.</summary>
    public static readonly ErrorCode VmWait = new("vm.wait_timeout", ErrorKind.Unreachable);

    /// <summary>No usable hypervisor.</summary>
    public static readonly ErrorCode BackendMissing = new("backend.not_available", ErrorKind.Failed);

    /// <summary>libvirt refused a machine's definition or a command.</summary>
    public static readonly ErrorCode LibvirtFailed = new("libvirt.command_failed", ErrorKind.Failed);

    /// <summary>A machine's Propolis server does not answer.</summary>
    public static readonly ErrorCode PropolisUnreachable = new("propolis.unreachable", ErrorKind.Unreachable);

    /// <summary>A tool of the zone or its datasets, or the Propolis server, refused a step.</summary>
    public static readonly ErrorCode PropolisFailed = new("propolis.step_failed", ErrorKind.Failed);

    /// <summary>No UEFI firmware files.</summary>
    public static readonly ErrorCode FirmwareMissing = new("firmware.not_found", ErrorKind.Failed);

    /// <summary>There is no charly executable that fits the guest.</summary>
    public static readonly ErrorCode GuestBinary = new("install.no_guest_binary", ErrorKind.Failed);

    /// <summary>The guest has no charly, and the strategy forbids installing it.</summary>
    public static readonly ErrorCode GuestCharlyMissing = new("install.missing", ErrorKind.Failed);

    /// <summary>The machine registry can't be read; it was left alone.</summary>
    public static readonly ErrorCode RegistryCorrupt = new("vm.registry_corrupt", ErrorKind.Failed);

    /// <summary>The machine's backend can't do what was asked.</summary>
    public static readonly ErrorCode BackendUnsupported = new("backend.unsupported", ErrorKind.Usage);

    /// <summary>A snapshot of that name exists.</summary>
    public static readonly ErrorCode SnapshotExists = new("snapshot.exists", ErrorKind.WrongState);

    /// <summary>No snapshot of that name.</summary>
    public static readonly ErrorCode SnapshotNotFound = new("snapshot.not_found", ErrorKind.NotFound);

    /// <summary>Clones stand on the snapshot.</summary>
    public static readonly ErrorCode SnapshotInUse = new("snapshot.in_use", ErrorKind.WrongState);

    /// <summary>The snapshot is a file of its own already.</summary>
    public static readonly ErrorCode SnapshotNotInternal = new("snapshot.not_internal", ErrorKind.WrongState);

    /// <summary>A snapshot could not be made, restored or removed.</summary>
    public static readonly ErrorCode SnapshotFailed = new("snapshot.failed", ErrorKind.Failed);

    /// <summary>A guest's files could not be copied or kept in step.</summary>
    public static readonly ErrorCode TransferFailed = new("vm.transfer_failed", ErrorKind.Failed);

    /// <summary>An image could not be brought into a guest's storage.</summary>
    public static readonly ErrorCode VmImageTransfer = new("vm.image_transfer_failed", ErrorKind.Failed);

    /// <summary>A pod in a guest could not be configured, started or removed there.</summary>
    public static readonly ErrorCode GuestPod = new("vm.pod_failed", ErrorKind.Failed);

    /// <summary>No graphics device fits.</summary>
    public static readonly ErrorCode GpuNotFound = new("gpu.not_found", ErrorKind.NotFound);

    /// <summary>The machine's backend can't hand a graphics device to a guest.</summary>
    public static readonly ErrorCode GpuBackend = new("gpu.backend", ErrorKind.Usage);
}
