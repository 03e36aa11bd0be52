namespace OpenCharly.Foundation;

/// <content>Clusters, Android devices, and who may hold what (deploy.md §7.6, §7.7, §10).</content>
public static partial class Errors
{
    /// <summary>A deploy entry says something that no cluster understands.</summary>
    public static readonly ErrorCode Workload = new("k8s.workload", ErrorKind.Usage);

    /// <summary>A malformed cluster profile.</summary>
    public static readonly ErrorCode ClusterProfile = new("k8s.profile", ErrorKind.Usage);

    /// <summary>There is no cluster profile of that name.</summary>
    public static readonly ErrorCode ClusterProfileMissing = new("k8s.profile_not_found", ErrorKind.NotFound);

    /// <summary>A tree of manifests that is to be applied or removed is not there.</summary>
    public static readonly ErrorCode ManifestsMissing = new("k8s.not_generated", ErrorKind.NotFound);

    /// <summary>kubectl refused, or failed.</summary>
    public static readonly ErrorCode Kubectl = new("k8s.kubectl", ErrorKind.Failed);

    /// <summary>The cluster does not answer.</summary>
    public static readonly ErrorCode ClusterUnreachable = new("k8s.unreachable", ErrorKind.Unreachable);

    /// <summary>A malformed Android device.</summary>
    public static readonly ErrorCode AndroidDevice = new("android.device", ErrorKind.Usage);

    /// <summary>There is no Android device of that name.</summary>
    public static readonly ErrorCode AndroidDeviceMissing = new("android.device_not_found", ErrorKind.NotFound);

    /// <summary>The pod that the emulator runs in is not up, or does not publish adb's port.</summary>
    public static readonly ErrorCode AndroidParent = new("android.parent", ErrorKind.WrongState);

    /// <summary>The device does not answer, or did not finish booting in time.</summary>
    public static readonly ErrorCode AndroidUnreachable = new("android.unreachable", ErrorKind.Unreachable);

    /// <summary>A committed package file is nowhere.</summary>
    public static readonly ErrorCode ApkMissing = new("android.apk_not_found", ErrorKind.NotFound);

    /// <summary>A package could not be fetched.</summary>
    public static readonly ErrorCode ApkDownload = new("android.download", ErrorKind.Failed);

    /// <summary>The device did not take a package.</summary>
    public static readonly ErrorCode ApkInstall = new("android.install", ErrorKind.Failed);

    /// <summary>Another deployment holds a resource for itself.</summary>
    public static readonly ErrorCode LeaseHeld = new("lease.held", ErrorKind.Refused);

    /// <summary>There is no lease of that claimant.</summary>
    public static readonly ErrorCode LeaseUnknown = new("lease.not_found", ErrorKind.NotFound);

    /// <summary>The ledger of leases can't be read; it was left alone.</summary>
    public static readonly ErrorCode LeaseLedger = new("lease.ledger", ErrorKind.Failed);

    /// <summary>A deployment that holds a resource did not stop, or did not start again.</summary>
    public static readonly ErrorCode LeaseHolder = new("lease.holder", ErrorKind.Failed);
}
