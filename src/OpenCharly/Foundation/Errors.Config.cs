namespace OpenCharly.Foundation;

/// <content>Loading projects and per-host files (candy-and-plan.md §10).</content>
public static partial class Errors
{
    /// <summary>A document that is not a mapping or has no known key.</summary>
    public static readonly ErrorCode CfgDocument = new("CFG001", ErrorKind.Usage);

    /// <summary>A kind key beside other top-level keys.</summary>
    public static readonly ErrorCode CfgAmbiguous = new("CFG002", ErrorKind.Usage);

    /// <summary>A legacy key or shape; <c>charly migrate</c> renames it.</summary>
    public static readonly ErrorCode CfgLegacy = new("CFG003", ErrorKind.Usage);

    /// <summary>A schema version that is missing, malformed, too old or too new.</summary>
    public static readonly ErrorCode CfgVersion = new("CFG004", ErrorKind.Usage);

    /// <summary>An import cycle, depth above 8, alias clash or bad alias.</summary>
    public static readonly ErrorCode CfgImport = new("CFG005", ErrorKind.Usage);

    /// <summary><c>--dir</c> together with <c>--repo</c>.</summary>
    public static readonly ErrorCode CfgDirAndRepo = new("CFG006", ErrorKind.Usage);

    /// <summary>A malformed <c>CHARLY_REPO_OVERRIDE</c>.</summary>
    public static readonly ErrorCode CfgRepoOverride = new("CFG007", ErrorKind.Usage);

    /// <summary>A nested, peer or bed name that can't be used.</summary>
    public static readonly ErrorCode CfgName = new("CFG008", ErrorKind.Usage);

    /// <summary>A cross-reference to a missing entity, or a pod entry without a box.</summary>
    public static readonly ErrorCode CfgReference = new("CFG009", ErrorKind.Usage);

    /// <summary>A bad host, or user and ssh arguments that contradict it.</summary>
    public static readonly ErrorCode CfgHost = new("CFG010", ErrorKind.Usage);

    /// <summary>A local template without <c>candy</c>.</summary>
    public static readonly ErrorCode CfgLocalCandy = new("CFG011", ErrorKind.Usage);

    /// <summary>There is no project in the folder.</summary>
    public static readonly ErrorCode CfgNoProject = new("CFG012", ErrorKind.NotFound);

    /// <summary>An unknown key where unknown keys are errors, or a warning where they are not.</summary>
    public static readonly ErrorCode CfgUnknownKey = new("CFG013", ErrorKind.Usage);

    /// <summary>The same entity twice.</summary>
    public static readonly ErrorCode CfgDuplicate = new("CFG014", ErrorKind.Usage);

    /// <summary>A deployment that is in no file.</summary>
    public static readonly ErrorCode CfgEntry = new("CFG015", ErrorKind.NotFound);

    /// <summary>Contradicting or malformed claims on exclusive resources.</summary>
    public static readonly ErrorCode CfgArbiter = new("CFG016", ErrorKind.Usage);
}
