namespace OpenCharly.Foundation;

/// <content>VMFiles, and machines made of an image (vm.md §8, §12).</content>
public static partial class Errors
{
    /// <summary>There is no VMFile.</summary>
    public static readonly ErrorCode VmFileMissing = new("vmfile.not_found", ErrorKind.NotFound);

    /// <summary>A VMFile is no KDL, or defines no machine.</summary>
    public static readonly ErrorCode VmFileSyntax = new("vmfile.parse_failed", ErrorKind.Usage);

    /// <summary>A VMFile says something that can't be.</summary>
    public static readonly ErrorCode VmFileValidation = new("vmfile.validation", ErrorKind.Usage);

    /// <summary>A step of provisioning failed; the rest was not run.</summary>
    public static readonly ErrorCode ProvisionFailed = new("provision.failed", ErrorKind.Failed);

    /// <summary>A machine without processors.</summary>
    public static readonly ErrorCode VmVcpus = new("vm.invalid_vcpus", ErrorKind.Usage);

    /// <summary>A machine without memory.</summary>
    public static readonly ErrorCode VmMemory = new("vm.invalid_memory", ErrorKind.Usage);

    /// <summary>The image that a machine is to be made of does not exist.</summary>
    public static readonly ErrorCode VmImageMissing = new("vm.image_not_found", ErrorKind.NotFound);

    /// <summary>A machine is to be made of no image, or of two.</summary>
    public static readonly ErrorCode VmNoImage = new("vm.no_image", ErrorKind.Usage);
}
