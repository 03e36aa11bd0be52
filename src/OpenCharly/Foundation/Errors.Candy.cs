namespace OpenCharly.Foundation;

/// <content>Candies, tasks, services and boxes (candy-and-plan.md §10).</content>
public static partial class Errors
{
    /// <summary>Validation: unknown candy key.</summary>
    public static readonly ErrorCode CandyUnknownKey = new("CND001", ErrorKind.Usage);

    /// <summary>Validation: missing or malformed version.</summary>
    public static readonly ErrorCode CandyVersion = new("CND002", ErrorKind.Usage);

    /// <summary>Validation: missing feature, scenario or eval.</summary>
    public static readonly ErrorCode CandyDescription = new("CND003", ErrorKind.Usage);

    /// <summary>Validation: no install content.</summary>
    public static readonly ErrorCode CandyEmpty = new("CND004", ErrorKind.Usage);

    /// <summary>Validation: missing directory.</summary>
    public static readonly ErrorCode CandyDirectory = new("CND005", ErrorKind.Usage);

    /// <summary>Validation: unknown, doubled or self-referring require or candy member.</summary>
    public static readonly ErrorCode CandyMember = new("CND006", ErrorKind.Usage);

    /// <summary>Validation: a dependency cycle.</summary>
    public static readonly ErrorCode CandyCycle = new("CND007", ErrorKind.Usage);

    /// <summary>Validation: env sets PATH.</summary>
    public static readonly ErrorCode CandyEnvPath = new("CND008", ErrorKind.Usage);

    /// <summary>Validation: a malformed, reserved or doubled variable.</summary>
    public static readonly ErrorCode CandyVariable = new("CND009", ErrorKind.Usage);

    /// <summary>Validation: a bad port, scheme or relay.</summary>
    public static readonly ErrorCode CandyPort = new("CND010", ErrorKind.Usage);

    /// <summary>Validation: a bad volume or alias.</summary>
    public static readonly ErrorCode CandyVolume = new("CND011", ErrorKind.Usage);

    /// <summary>Validation: a route without host or port.</summary>
    public static readonly ErrorCode CandyRoute = new("CND012", ErrorKind.Usage);

    /// <summary>Validation: a bad data entry.</summary>
    public static readonly ErrorCode CandyData = new("CND013", ErrorKind.Usage);

    /// <summary>Validation: a bad env, secret or mcp entry.</summary>
    public static readonly ErrorCode CandyRequirement = new("CND014", ErrorKind.Usage);

    /// <summary>Validation: a bad shell block.</summary>
    public static readonly ErrorCode CandyShell = new("CND015", ErrorKind.Usage);

    /// <summary>Validation: repositories without packages or name.</summary>
    public static readonly ErrorCode CandyRepository = new("CND016", ErrorKind.Usage);

    /// <summary>Validation: a bad apk entry.</summary>
    public static readonly ErrorCode CandyApk = new("CND017", ErrorKind.Usage);

    /// <summary>Validation: bad libvirt XML, engine or extract.</summary>
    public static readonly ErrorCode CandyFragment = new("CND018", ErrorKind.Usage);

    /// <summary>Validation: contradicting builder manifests.</summary>
    public static readonly ErrorCode CandyBuildFile = new("CND019", ErrorKind.Usage);

    /// <summary>Validation: a missing or conflicting capability.</summary>
    public static readonly ErrorCode CandyCapability = new("CND020", ErrorKind.Usage);

    /// <summary>Validation: no verb or several.</summary>
    public static readonly ErrorCode TaskVerb = new("TSK001", ErrorKind.Usage);

    /// <summary>Validation: a bad user or mode.</summary>
    public static readonly ErrorCode TaskUserMode = new("TSK002", ErrorKind.Usage);

    /// <summary>Validation: a relative destination.</summary>
    public static readonly ErrorCode TaskDestination = new("TSK003", ErrorKind.Usage);

    /// <summary>Validation: a bad copy source.</summary>
    public static readonly ErrorCode TaskSource = new("TSK004", ErrorKind.Usage);

    /// <summary>Validation: missing content, body or target.</summary>
    public static readonly ErrorCode TaskContent = new("TSK005", ErrorKind.Usage);

    /// <summary>Validation: a download without destination or with a bad archive type.</summary>
    public static readonly ErrorCode TaskDownload = new("TSK006", ErrorKind.Usage);

    /// <summary>Validation: cache on the wrong verb or relative.</summary>
    public static readonly ErrorCode TaskCache = new("TSK007", ErrorKind.Usage);

    /// <summary>Validation: bad capabilities or build value.</summary>
    public static readonly ErrorCode TaskSetCap = new("TSK008", ErrorKind.Usage);

    /// <summary>Validation: an unresolved variable.</summary>
    public static readonly ErrorCode TaskVariable = new("TSK009", ErrorKind.Usage);

    /// <summary>Validation: neither or both of exec and use_packaged, no name, or a duplicate.</summary>
    public static readonly ErrorCode ServiceForm = new("SVC001", ErrorKind.Usage);

    /// <summary>Validation: a bad packaged unit.</summary>
    public static readonly ErrorCode ServicePackaged = new("SVC002", ErrorKind.Usage);

    /// <summary>Validation: an unknown scope, restart or stdout value.</summary>
    public static readonly ErrorCode ServiceValue = new("SVC003", ErrorKind.Usage);

    /// <summary>Validation: the unit would shadow a packaged one.</summary>
    public static readonly ErrorCode ServiceShadow = new("SVC004", ErrorKind.Usage);

    /// <summary>Validation: an unknown or disabled base, or a cycle.</summary>
    public static readonly ErrorCode BoxBase = new("BOX001", ErrorKind.Usage);

    /// <summary>Validation: contradicting sources.</summary>
    public static readonly ErrorCode BoxSource = new("BOX002", ErrorKind.Usage);

    /// <summary>Validation: missing or unknown build formats.</summary>
    public static readonly ErrorCode BoxBuild = new("BOX003", ErrorKind.Usage);

    /// <summary>Validation: a builder that can't be used.</summary>
    public static readonly ErrorCode BoxBuilder = new("BOX004", ErrorKind.Usage);

    /// <summary>Validation: defaults out of range.</summary>
    public static readonly ErrorCode BoxDefaults = new("BOX005", ErrorKind.Usage);

    /// <summary>Validation: nothing to adopt.</summary>
    public static readonly ErrorCode BoxAdopt = new("BOX006", ErrorKind.Usage);

    /// <summary>Validation: the init candy is missing.</summary>
    public static readonly ErrorCode BoxInit = new("BOX007", ErrorKind.Usage);

    /// <summary>Validation: tunnel and port scheme don't fit.</summary>
    public static readonly ErrorCode BoxTunnel = new("BOX008", ErrorKind.Usage);
}
