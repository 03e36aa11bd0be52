namespace OpenCharly.Foundation;

/// <content>Codes that belong to no single area.</content>
public static partial class Errors
{
    /// <summary>Any other input or output error of the operating system.</summary>
    public static readonly ErrorCode Io = new("io", ErrorKind.Failed);

    /// <summary>A file that is to be written exists, and may not be replaced.</summary>
    public static readonly ErrorCode FileExists = new("file.exists", ErrorKind.WrongState);

    /// <summary>A file that the user named does not exist.</summary>
    public static readonly ErrorCode FileMissing = new("file.not_found", ErrorKind.NotFound);

    /// <summary>The user stopped the operation.</summary>
    public static readonly ErrorCode Interrupted = new("interrupted", ErrorKind.Interrupted);

    /// <summary>A wrong argument or combination of arguments.</summary>
    public static readonly ErrorCode Usage = new("usage", ErrorKind.Usage);

    /// <summary>The user said no when asked.</summary>
    public static readonly ErrorCode Denied = new("confirmation.denied", ErrorKind.Refused);

    /// <summary>A defect of OpenCharly itself: an exception that nobody foresaw.</summary>
    public static readonly ErrorCode Internal = new("internal", ErrorKind.Failed);

    /// <summary>A program that the operation needs is not installed.</summary>
    public static readonly ErrorCode ToolMissing = new("tool.missing", ErrorKind.Failed);

    /// <summary>The credential store can't be used: an unknown backend, a keyring that does not answer.</summary>
    public static readonly ErrorCode SecretStore = new("secret.store", ErrorKind.Failed);

    /// <summary>A file of variables that GnuPG encrypts can't be read or written, or a key of it can't be used.</summary>
    public static readonly ErrorCode SecretFile = new("secret.file", ErrorKind.Failed);

    /// <summary>There is no credential at an address.</summary>
    public static readonly ErrorCode SecretMissing = new("secret.not_found", ErrorKind.NotFound);

    /// <summary>A key that is no setting.</summary>
    public static readonly ErrorCode SettingUnknown = new("setting.unknown", ErrorKind.Usage);

    /// <summary>A value that a setting can't have.</summary>
    public static readonly ErrorCode SettingInvalid = new("setting.invalid", ErrorKind.Usage);

    /// <summary>Text for the shell holds a NUL character.</summary>
    public static readonly ErrorCode ShellNul = new("shell.nul", ErrorKind.Usage);

    /// <summary>A name that can't be used for this kind of thing.</summary>
    public static readonly ErrorCode BadName = new("name.invalid", ErrorKind.Usage);

    /// <summary>Checks failed; the deployment itself stands.</summary>
    public static readonly ErrorCode ChecksFailed = new("checks.failed", ErrorKind.ChecksFailed);

    /// <summary>Checks could not run; the deployment itself stands.</summary>
    public static readonly ErrorCode ChecksNotRun = new("checks.not_run", ErrorKind.Failed);

    /// <summary>A file is not well-formed YAML.</summary>
    public static readonly ErrorCode YamlSyntax = new("yaml.syntax", ErrorKind.Usage);

    /// <summary>A mapping has the same key twice.</summary>
    public static readonly ErrorCode YamlDuplicate = new("yaml.duplicate_key", ErrorKind.Usage);

    /// <summary>A YAML file is too large or too deeply nested, or its aliases expand without bound.</summary>
    public static readonly ErrorCode YamlLimit = new("yaml.limit", ErrorKind.Usage);

    /// <summary>A value has the wrong type.</summary>
    public static readonly ErrorCode YamlType = new("yaml.type", ErrorKind.Usage);

    /// <summary>A file is not well-formed KDL.</summary>
    public static readonly ErrorCode KdlSyntax = new("kdl.syntax", ErrorKind.Usage);

    /// <summary>A KDL file is too large or too deeply nested.</summary>
    public static readonly ErrorCode KdlLimit = new("kdl.limit", ErrorKind.Usage);
}
