namespace OpenCharly.Foundation;

/// <content>Compiling, running, ledger and checks (candy-and-plan.md §10).</content>
public static partial class Errors
{
    /// <summary>A candy has no section for the target's distribution.</summary>
    public static readonly ErrorCode PlanIncompatible = new("PLN001", ErrorKind.Usage);

    /// <summary>No usable builder image.</summary>
    public static readonly ErrorCode PlanBuilder = new("PLN002", ErrorKind.Failed);

    /// <summary>Packages for a distribution that has no known package manager.</summary>
    public static readonly ErrorCode PlanDistro = new("PLN003", ErrorKind.Failed);

    /// <summary>A required environment variable has no value.</summary>
    public static readonly ErrorCode PlanEnvironment = new("PLN004", ErrorKind.Usage);

    /// <summary>A saved plan of an unknown schema, or one that can't be read.</summary>
    public static readonly ErrorCode PlanSchema = new("PLN005", ErrorKind.Usage);

    /// <summary>The target changed since the plan was made.</summary>
    public static readonly ErrorCode PlanStale = new("PLN006", ErrorKind.Refused);

    /// <summary>A step that is no step of the plan that it shall be applied with.</summary>
    public static readonly ErrorCode PlanStep = new("PLN007", ErrorKind.Usage);

    /// <summary>A selection of steps that leaves nothing of a plan.</summary>
    public static readonly ErrorCode PlanNothing = new("PLN008", ErrorKind.NotFound);

    /// <summary>A file of a candy is not what it was when the plan was made.</summary>
    public static readonly ErrorCode PlanFiles = new("PLN009", ErrorKind.Refused);

    /// <summary>The target can't be used: sudo, ssh or machine missing.</summary>
    public static readonly ErrorCode RunTarget = new("RUN001", ErrorKind.Unreachable);

    /// <summary>A step failed.</summary>
    public static readonly ErrorCode RunStep = new("RUN002", ErrorKind.Failed);

    /// <summary>The connection to the target broke.</summary>
    public static readonly ErrorCode RunLost = new("RUN003", ErrorKind.Unreachable);

    /// <summary>A file that a candy wants fetched is not on the target; everything is applied.</summary>
    public static readonly ErrorCode RunArtifact = new("RUN004", ErrorKind.Failed);

    /// <summary>A ledger record is corrupt or has no schema version.</summary>
    public static readonly ErrorCode LedgerRecord = new("LED001", ErrorKind.Failed);

    /// <summary>Neither a record nor an entry of that name.</summary>
    public static readonly ErrorCode LedgerUnknown = new("LED002", ErrorKind.NotFound);

    /// <summary>Some operations could not be undone; they stay recorded.</summary>
    public static readonly ErrorCode LedgerUndo = new("LED003", ErrorKind.Failed);

    /// <summary>A cut run can't be taken back, because other runs came after it.</summary>
    public static readonly ErrorCode LedgerLater = new("LED004", ErrorKind.WrongState);

    /// <summary>Another run held the ledger's lock for too long.</summary>
    public static readonly ErrorCode LedgerLocked = new("LED005", ErrorKind.Refused);

    /// <summary>A malformed check.</summary>
    public static readonly ErrorCode CheckForm = new("CHK001", ErrorKind.Usage);

    /// <summary>The deployment's machine does not answer.</summary>
    public static readonly ErrorCode DeployUnreachable = new("deploy.unreachable", ErrorKind.Unreachable);

    /// <summary>This target kind can't do that.</summary>
    public static readonly ErrorCode DeployTarget = new("deploy.target", ErrorKind.Usage);

    /// <summary>Root rights are needed and sudo would ask for a password.</summary>
    public static readonly ErrorCode SudoMissing = new("deploy.sudo", ErrorKind.Refused);
}
