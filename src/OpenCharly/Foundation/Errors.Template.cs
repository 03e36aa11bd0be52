namespace OpenCharly.Foundation;

/// <content>Templates and their registry; images of a registry (vm.md §9, §10, §12).</content>
public static partial class Errors
{
    /// <summary>An image could not be pulled from a registry.</summary>
    public static readonly ErrorCode OciPull = new("oci.pull_failed", ErrorKind.Unreachable);

    /// <summary>No template or revision of that name, here or in the registry.</summary>
    public static readonly ErrorCode TemplateNotFound = new("template.not_found", ErrorKind.NotFound);

    /// <summary>A file of a template can't be read, says something that can't be, or is not there.</summary>
    public static readonly ErrorCode TemplateCorrupt = new("template.corrupt", ErrorKind.Failed);

    /// <summary>A template has no current revision.</summary>
    public static readonly ErrorCode TemplateNoCurrent = new("template.no_current", ErrorKind.WrongState);

    /// <summary>A file of a revision is not what its checksums say.</summary>
    public static readonly ErrorCode TemplateChecksum = new("template.checksum_mismatch", ErrorKind.Failed);

    /// <summary>A machine's disk stands on the template or the revision.</summary>
    public static readonly ErrorCode TemplateInUse = new("template.in_use", ErrorKind.WrongState);

    /// <summary>The registry of templates is not set up.</summary>
    public static readonly ErrorCode TemplateRegistryMissing = new("template.registry_unconfigured", ErrorKind.Usage);

    /// <summary>The registry of templates has no encryption, and that was not allowed.</summary>
    public static readonly ErrorCode TemplateRegistryInsecure = new("template.registry_insecure", ErrorKind.Refused);

    /// <summary>The registry of templates does not answer, or refuses.</summary>
    public static readonly ErrorCode TemplateRegistryFailed = new("template.registry_failed", ErrorKind.Unreachable);

    /// <summary>A template could not be built.</summary>
    public static readonly ErrorCode TemplateBuildFailed = new("template.build_failed", ErrorKind.Failed);
}
